package wire

import "context"

// MissingQuery asks which batches of a time should be there and are not.
type MissingQuery struct {
	Project  string
	From, To int64 // of base times, UTC milliseconds; 0: the last day
	Lang     string
}

// Missing is a batch that should be there and is not.
type Missing struct {
	Batch   string `json:"batch"` // task/workNo
	Task    string `json:"task"`
	Project string `json:"project"`
	WorkNo  string `json:"workNo"`
	DueAt   int64  `json:"dueAt"` // its base time
	Reason  string `json:"reason"`
}

// MissingList lists missing batches by base time.
type MissingList struct {
	From  int64     `json:"from"` // base times after this …
	To    int64     `json:"to"`   // … up to and with this were looked at
	Items []Missing `json:"items"`
	More  bool      `json:"more"` // there may be more than is listed
}

// MissingBatches lists batches that should be there and are not; from and to
// are written as for a list of batches.
func (c *Client) MissingBatches(ctx context.Context, from, to, project string) (MissingList, error) {
	var list MissingList
	err := c.get(ctx, "/missing", params("from", from, "to", to, "project", project), &list)
	return list, err
}
