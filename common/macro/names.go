package macro

// What error messages offer.
const (
	names  = "schedule, biz, biz_end, biz_date, biz_hour, work_no, task, run or attempt"
	aligns = "hour_begin, day_begin, week_begin, month_begin, month_end, quarter_begin or year_begin"
)

// isAnchor tells whether a name is a point in time that needs a pattern.
func isAnchor(name string) bool {
	return name == "schedule" || name == "biz" || name == "biz_end"
}

// isDateShortcut tells whether a name is an anchor with its pattern.
func isDateShortcut(name string) bool {
	return name == "biz_date" || name == "biz_hour"
}

// isShortcut tells whether a name stands without a pattern.
func isShortcut(name string) bool {
	switch name {
	case "work_no", "task", "run", "attempt":
		return true
	}
	return isDateShortcut(name)
}

// isAlign tells whether a name is an align.
func isAlign(name string) bool {
	switch name {
	case "hour_begin", "day_begin", "week_begin", "month_begin", "month_end", "quarter_begin", "year_begin":
		return true
	}
	return false
}

// mostOf returns how many of a unit an offset may have, about a century, or 0
// for what is no unit.
func mostOf(unit byte) int {
	switch unit {
	case 'm':
		return 100 * 366 * 24 * 60
	case 'h':
		return 100 * 366 * 24
	case 'd':
		return 100 * 366
	case 'w':
		return 100 * 53
	case 'M':
		return 100 * 12
	case 'y':
		return 100
	}
	return 0
}
