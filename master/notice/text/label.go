package text

// Ends says that alerts of a kind are raised once more, as a notice, when what
// they tell of is over.
func Ends(kind string) bool { return kindOf(kind).ends }

// Label names a kind of alerts, in Chinese for lang zh and in English for every
// other one.
func Label(lang, kind string) string { return kindOf(kind).name.in(lang) }
