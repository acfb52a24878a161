package cli

import (
	"testing"
)

// TestWhySpeaksTheLanguageOfItsReader takes the flag, else the environment.
func TestWhySpeaksTheLanguageOfItsReader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ map[string]string
		flag    string
		want    string
	}{
		"Nothing":            {nil, "", ""},
		"TheFlag":            {map[string]string{"LANG": "en_US.UTF-8"}, "zh", "zh"},
		"TheEnvironment":     {map[string]string{"LANG": "zh_CN.UTF-8"}, "", "zh"},
		"TheStrongerOneWins": {map[string]string{"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &app{environ: func(key string) (string, bool) { text, found := c.environ[key]; return text, found }}
			if got := a.language(c.flag); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
