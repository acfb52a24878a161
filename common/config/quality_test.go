package config_test

import (
	"strings"
	"testing"

	"capricornus/common/config"
)

func TestTheQualityServiceIsAURL(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, "http://dq:9090": true, "https://dq/check?key=1": true,
		"dq:9090": false, "ftp://dq/check": false, "http://": false, "http://ann:pw@dq/check": false, "http://dq/#here": false, "http://%zz": false,
	} {
		m := config.DefaultMaster()
		m.Node, m.Advertise, m.Quality.URL = "m1", "http://m1:8080", text
		d := config.DefaultDev()
		d.Quality.URL = text
		for name, err := range map[string]error{"master": m.Validate(), "dev": d.Validate()} {
			if (err == nil) != good {
				t.Errorf("%s: got %v for %q, want it taken: %v", name, err, text, good)
			}
			if err != nil && strings.Contains(err.Error(), "pw") {
				t.Errorf("%s: got %v, want no password shown", name, err)
			}
		}
	}
}
