package task

import (
	"cmp"
	"fmt"
	"slices"
)

// Severities of findings.
const (
	SeverityError   = "error"   // the file cannot be applied
	SeverityWarning = "warning" // it can, and somebody should look
)

// Codes of findings, stable for programs that filter them.
const (
	CodeTooLarge     = "too-large"
	CodeEncoding     = "encoding"
	CodeSyntax       = "syntax"
	CodeTooDeep      = "too-deep"
	CodeAlias        = "alias"
	CodeDuplicateKey = "duplicate-key"
	CodeUnknownKey   = "unknown-key"
	CodeMissingKey   = "missing-key"
	CodeWrongType    = "wrong-type"
	CodeBadValue     = "bad-value"
	CodeBadName      = "bad-name"
	CodeDuplicate    = "duplicate"
	CodeUnknown      = "unknown-reference"
	CodeCycle        = "cycle"
	CodeWindow       = "window"
	CodeNoDate       = "path-without-date"
	CodePath         = "bad-path"
	CodeMacro        = "bad-macro"
	CodePeriod       = "bad-period"
	CodeRun          = "bad-run"
	CodeUnsupported  = "unsupported"
	CodeDisabled     = "disabled-parent"
	CodeSuspicious   = "suspicious"
)

// Finding is one thing parsing or lint has to say: where, and a sentence that
// says what would be right. Its fields are those of the API's finding.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// String writes the finding as compilers do: file:line: severity: message.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s [%s]", f.File, f.Line, f.Severity, f.Message, f.Code)
}

// HasErrors reports whether any finding forbids applying the files.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == SeverityError })
}

// sortFindings orders by place, so that output does not depend on map order.
func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message),
		)
	})
}
