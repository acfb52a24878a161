package macro_test

import (
	"errors"
	"strings"
	"testing"

	"capricornus/common/macro"
)

func TestParseSaysWhatWouldBeRight(t *testing.T) {
	tests := []struct {
		name   string
		text   string
		offset int
		want   string
	}{
		{"NotClosed", "/x/{{ biz_date", 3, "the macro is not closed; write }}"},
		{"ClosedOnTheNextLine", "{{ biz_date\n}}", 0, "the macro is not closed; write }} on the same line"},
		{"NameNotClosed", "{{ run\r\n}}", 0, "the macro is not closed"},
		{"PatternNotClosed", "{{ biz yyyy", 0, "the macro is not closed"},
		{"ClosedByOneBrace", "{{ biz_date }", 12, "biz_date takes offsets"},
		{"Nothing", "{{ }}", 3, "a name is missing after {{; write schedule, biz"},
		{"UnknownName", "{{ bizdate }}", 3, `"bizdate" is unknown; write schedule, biz, biz_end, biz_date`},
		{"BracesOfOtherTools", "docker ps --format '{{.ID}}'", 22, `a literal {{ is written {{ "{{" }}`},
		{"UnknownAlign", "{{ biz.begin yyyy }}", 7, `align "begin" is unknown; write hour_begin`},
		{"AlignOfAShortcut", "{{ biz_date.month_begin }}", 11, "biz_date takes no align"},
		{"AnchorWithoutPattern", "{{ biz }}", 7, "biz needs a date pattern; write for example {{ biz yyyyMMdd }}"},
		{"AnchorWithoutPatternAfterOffset", "{{ biz -1d }}", 11, "biz needs a date pattern"},
		{"PatternWithoutDate", `{{ biz "x" }}`, 7, "biz needs a date pattern"},
		{"PatternOfAShortcut", "{{ biz_date yyyy }}", 12, "biz_date takes offsets such as -1d but no pattern; write {{ biz"},
		{"PatternOfAName", "{{ task yyyy }}", 8, "task stands alone; write {{ task }}"},
		{"OffsetOfAName", "{{ work_no -1d }}", 11, "work_no takes no offset"},
		{"UnknownLetter", "{{ biz YYYY }}", 7, `"Y" is no date letter; write yyyy MM dd HH mm ss`},
		{"TwoLetterYear", "{{ biz yy }}", 7, `"y" is no date letter`},
		{"FiveLetterYear", "{{ biz yyyyy }}", 11, `"y" is no date letter`},
		{"UnitIsMissing", "{{ biz -1 yyyyMMdd }}", 10, "the offset needs a unit"},
		{"UnitIsUnknown", "{{ biz_date -1D }}", 14, "write m (minutes) h d w M (months) or y"},
		{"UnitIsAWord", "{{ biz_date -1min }}", 14, "the offset needs a unit"},
		{"OffsetWithoutNumber", "{{ biz_date -d }}", 12, "biz_date takes offsets such as -1d"},
		{"OffsetOfAges", "{{ biz_date -101y }}", 12, "more than a century; write at most 100y"},
		{"OffsetOverflows", "{{ biz_date -99999999999999999999999d }}", 12, "more than a century; write at most 36600d"},
		{"TooManyOffsets", "{{ biz_date" + strings.Repeat(" +1d", 9) + " }}", 44, "at most 8 offsets; add them up"},
		{"QuoteNotClosed", `{{ biz yyyy"x }}`, 11, `the quote is not closed; write another "`},
		{"QuoteOverTwoLines", "{{ biz yyyy'x\n' }}", 11, "the quote is not closed"},
		{"QuoteAndMore", `{{ "{{" biz }}`, 8, "quoted text stands alone in a macro"},
		{"MacroInsideAMacro", "{{ biz yyyy{{ task }} }}", 11, "a macro cannot stand inside another"},
		{"SecondMacro", "{{ biz_date }}/{{ nope }}", 18, `"nope" is unknown`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := macro.Parse(tt.text)
			var bad *macro.Error
			if !errors.As(err, &bad) {
				t.Fatalf("got error %v, want a *macro.Error", err)
			}
			if bad.Offset != tt.offset || !strings.Contains(bad.Message, tt.want) {
				t.Errorf("got %d: %s\nwant %d: …%s…", bad.Offset, bad.Message, tt.offset, tt.want)
			}
		})
	}
}

func TestErrorNamesThePlace(t *testing.T) {
	_, err := macro.Parse("/x/{{ biz }}")
	want := "biz needs a date pattern; write for example {{ biz yyyyMMdd }} (at byte 10)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
