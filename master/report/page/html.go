package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"capricornus/common/wire"
)

// mailBytes is what mail readers show of a mail at the most: Gmail clips at 102 KB.
const mailBytes = 100_000

//go:embed report.html
var source string

// inline are the styles by the names that report.html has for them: mail has no
// style sheets that every reader obeys. Colours are those of console.md §1.9.
func inline() *strings.Replacer {
	const face = "font-family:-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif;"
	return strings.NewReplacer(
		"@body", "margin:0;padding:0;background:#eef1f4;color:#1c2733;font-size:14px;line-height:20px;"+face+"-webkit-text-size-adjust:100%",
		"@sheet", "width:100%;max-width:720px;margin:0 auto;background:#ffffff;border-radius:6px;"+face+"font-size:14px;line-height:20px;color:#1c2733;overflow-wrap:anywhere;word-break:break-word;font-variant-numeric:tabular-nums",
		"@kicker", "font-size:13px;line-height:18px;color:#5b6672",
		"@title", "margin:0;font-size:20px;line-height:26px;font-weight:600;color:#1c2733",
		"@headline", "margin:0;font-size:15px;line-height:22px;color:#1c2733",
		"@share", "font-size:28px;line-height:30px;font-weight:600;white-space:nowrap",
		"@section", "margin:0;padding:0 0 2px;font-size:15px;line-height:20px;font-weight:600;color:#1c2733",
		"@summary", "font-size:13px;line-height:18px;color:#5b6672",
		"@lead", "font-weight:600",
		"@tag", "font-size:12px;line-height:16px;font-weight:600;white-space:nowrap",
		"@note", "font-size:12px;line-height:17px;color:#5b6672",
		"@figure", "font-weight:600;white-space:nowrap",
		"@unit", "font-size:12px;line-height:17px;color:#5b6672;white-space:nowrap",
		"@number", "padding:3px 0 3px 8px;text-align:right;white-space:nowrap",
		"@head", "padding:0 0 3px 10px;text-align:right;white-space:nowrap;font-size:12px;line-height:16px;font-weight:400;color:#5b6672",
		"@delta", "padding:3px 0 3px 4px;width:32px;white-space:nowrap;font-size:12px;color:#5b6672",
		"@label", "padding:3px 0;white-space:nowrap",
		"@left", "padding:6px 12px 6px 0;border-top:1px solid #e6eaee",
		"@right", "padding:6px 0;border-top:1px solid #e6eaee",
		"@table", "width:100%;border-collapse:collapse",
		"@strip", "width:100%;border-collapse:separate;border-spacing:1px 0;table-layout:fixed",
		"@tick", "font-size:11px;line-height:14px;color:#5b6672",
		"@cell", "height:14px;line-height:14px;font-size:1px;padding:0",
		"@bar", "height:6px;line-height:6px;font-size:1px;padding:0",
	)
}

// ink is the colour of a text by its tone, paint that of an area, heat that of a
// cell by its level.
func ink(tone string) string {
	switch tone {
	case good:
		return "#0E814A"
	case warn:
		return "#8A6000" // readable on white as the palette's late is not
	case bad:
		return "#CF2122"
	case faint:
		return "#5b6672"
	}
	return "#1c2733"
}

func paint(tone string) string {
	switch tone {
	case good:
		return "#0E814A"
	case warn:
		return "#C18600"
	case bad:
		return "#CF2122"
	}
	return "#7D858C"
}

func heat(level int) string {
	if level < 0 {
		return "#d5dae0"
	}
	return []string{"#dcebf9", "#a9cdf0", "#6aa6e4", "#C18600", "#CF2122"}[min(level, steps)]
}

func drawing() (*template.Template, error) {
	functions := template.FuncMap{"ink": ink, "paint": paint, "heat": heat, "mark": mark}
	return template.New("report").Funcs(functions).Parse(inline().Replace(source))
}

// html draws the mail: tables and styles in place only, no script, no picture.
func (v *view) html() (text string, err error) {
	page, err := drawing()
	if err != nil {
		return "", fmt.Errorf("parse report.html: %w", err)
	}
	for _, f := range fits() {
		v.tame(f)
		var b strings.Builder
		if err := page.Execute(&b, v); err != nil {
			return "", err
		}
		if text = b.String(); len(text) < mailBytes {
			break
		}
	}
	return text, nil
}

// HTML is a report as a page, the same as in mail.
func HTML(r *wire.Report, lang, link string) (string, error) {
	v := viewOf(r, lang, link)
	return v.html()
}
