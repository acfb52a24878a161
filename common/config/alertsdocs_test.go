package config_test

import (
	"os"
	"regexp"
	"testing"

	"capricornus/common/config"
)

// TestSamplesOfTheDocsAreGood loads every sample of docs/alerts.md.
func TestSamplesOfTheDocsAreGood(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	samples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(samples) < 6 {
		t.Fatalf("got %d samples, want those of every channel", len(samples))
	}
	for _, sample := range samples {
		if _, err := config.LoadMaster(config.Source{File: write(t, sample[1]), Hostname: "here"}); err != nil {
			t.Errorf("%v in\n%s", err, sample[1])
		}
	}
}
