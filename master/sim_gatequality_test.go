package master_test

import (
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

// answersQuality gives an answer in the service's stead.
func (c *cluster) answersQuality(name, answer string) {
	c.t.Helper()
	ref, err := batch.ParseRef(name)
	c.must(err)
	_, err = c.admin.AnswerQuality(c.t.Context(), ref, wire.QualityAnswer{Answer: answer, Reason: "test"})
	c.must(err)
	c.pass(0)
}

// TestSimSilenceOfTheQualityServiceHasThreeWays asks a service that takes every
// question and never answers.
func TestSimSilenceOfTheQualityServiceHasThreeWays(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define(
			"waits", `period: cron, cron: "5 6 * * *", quality: {enabled: true, onSilence: wait, after: 20m}`,
			"passes", `period: cron, cron: "5 6 * * *", quality: {enabled: true, onSilence: pass, after: 20m}`,
			"alerts", `period: cron, cron: "5 6 * * *", quality: {enabled: true, onSilence: alert, after: 20m}`,
		)
		c.at("2026-11-20 06:06:00")
		if n := len(c.quality.asked); n != 3 {
			t.Fatalf("got %d batches the service was asked about, want 3", n)
		}
		c.because(batch.GateQuality, "waits/20261120060500")
		c.at("2026-11-20 06:24:59")
		c.starts("passes")
		if n := c.alerts("quality-silent"); n != 0 {
			t.Errorf("got %d alerts before the silence was long enough, want none", n)
		}
		c.at("2026-11-20 06:26:00")
		c.starts("passes", "2026-11-20 06:25:00")
		if n := c.alerts("quality-silent"); n != 1 {
			t.Errorf("got %d alerts of the silence, want one", n)
		}
		c.at("2026-11-20 08:00:00")
		c.is("waiting", "waits/20261120060500", "alerts/20261120060500")
		c.answersQuality("waits/20261120060500", wire.QualityRun)
		c.answersQuality("alerts/20261120060500", wire.QualityRun)
		c.starts("waits", "2026-11-20 08:00:00")
		c.starts("alerts", "2026-11-20 08:00:00")
		if n := c.alerts("quality-silent"); n != 1 {
			t.Errorf("got %d alerts of the silence, want still one", n)
		}
		c.sound()
	})
}

// TestSimQualityServiceHangsAndBlocks hangs while it is asked first, forbids a
// batch and then allows it, and allows another that never was asked about.
func TestSimQualityServiceHangsAndBlocks(t *testing.T) {
	t.Parallel()
	simulate(t, setup{}, func(t *testing.T, c *cluster) {
		c.addWorker("w1")
		c.define(
			"q", `period: cron, cron: "5 6 * * *", quality: {enabled: true}`,
			"r", `period: cron, cron: "5 6 * * *", quality: {enabled: true}`,
			"free", `period: cron, cron: "5 6 * * *"`,
		)
		c.quality.feels("hangs")
		c.at("2026-11-20 06:05:09")
		c.starts("free", "2026-11-20 06:05:00") // a service that hangs holds nobody else up
		c.at("2026-11-20 06:05:30")
		c.answersQuality("r/20261120060500", wire.QualityRun)
		c.starts("r", "2026-11-20 06:05:30")
		c.quality.feels("")
		c.at("2026-11-20 06:07:00")
		if n := len(c.quality.asked); n != 1 {
			t.Errorf("got %d batches the service has taken questions about, want only the one that waits", n)
		}
		c.answersQuality("q/20261120060500", wire.QualityBlock)
		c.at("2026-11-20 07:00:00")
		c.is("waiting", "q/20261120060500")
		c.because(batch.GateHeld, "q/20261120060500")
		c.answersQuality("q/20261120060500", wire.QualityRun)
		c.starts("q", "2026-11-20 07:00:00")
		c.pass(2 * time.Minute)
		c.is("success", "q/20261120060500", "r/20261120060500")
		c.sound()
	})
}
