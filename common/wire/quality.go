package wire

import (
	"context"
	"net/url"

	"capricornus/common/batch"
)

// QualityQuestion is what the data-quality service is asked about a batch
// before it runs. It answers later, with a QualityAnswer sent to Answer.
type QualityQuestion struct {
	Batch        string   `json:"batch"` // task/workNo.run
	Task         string   `json:"task"`
	Project      string   `json:"project"`
	WorkNo       string   `json:"workNo"`
	Run          int      `json:"run"`
	ScheduleTime int64    `json:"scheduleTime"`
	BizStart     int64    `json:"bizStart"`
	BizEnd       int64    `json:"bizEnd"`
	Inputs       []string `json:"inputs"`
	Outputs      []string `json:"outputs"`
	Answer       string   `json:"answer"` // where to send the answer, with a token of an operator
}

// The answers.
const (
	QualityRun   = "run"   // the batch may run
	QualityBlock = "block" // it must not
)

// QualityAnswer says whether a batch may run.
type QualityAnswer struct {
	Answer string `json:"answer"` // run | block
	Reason string `json:"reason,omitempty"`
}

// QualityReply says what an answer has done.
type QualityReply struct {
	Batch   string `json:"batch"`
	Answer  string `json:"answer"`
	Changed bool   `json:"changed"`        // false: it had been answered so, or came too late
	Note    string `json:"note,omitempty"` // what follows, when that is not plain
}

// AnswerQuality answers in the data-quality service's stead.
func (c *Client) AnswerQuality(ctx context.Context, ref batch.Ref, answer QualityAnswer) (QualityReply, error) {
	var reply QualityReply
	err := c.post(ctx, qualityPath(ref), answer, &reply)
	return reply, err
}

// QualityURL is where the answer about a batch is sent to a master.
func QualityURL(master string, ref batch.Ref) string { return master + apiRoot + qualityPath(ref) }

// qualityPath is the path of the answer. A reference without a run means the
// one that counts.
func qualityPath(ref batch.Ref) string {
	return "/quality/" + url.PathEscape(ref.Task) + batch.Ref{WorkNo: ref.WorkNo, Run: ref.Run}.String()
}
