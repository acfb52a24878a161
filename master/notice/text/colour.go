package text

// The colours of levels and states, as the console has them: told apart with any
// eyesight, on white and on black.
const (
	red   = "#CF2122"
	amber = "#C18600"
	blue  = "#246DF9"
	green = "#0E814A"
	grey  = "#7D858C"

	darkAmber = "#8F6300"
	darkBlue  = "#1F5FDB"
)

// colours are a strong one, for lines and bars, and one that white letters are
// read on.
type colours struct{ Strong, Badge string }

// colours go with what a message is for, and else with its level.
func (w *writer) colours() colours {
	switch w.m.Purpose {
	case PurposeRecovered:
		return colours{green, green}
	case PurposeTest, PurposeDigest:
		return colours{blue, darkBlue}
	case PurposeFailure:
		return colours{amber, darkAmber}
	}
	return coloursOf(severity(w.worst()))
}

// coloursOf are those of a level, by its place in the order of severity.
func coloursOf(rank int) colours {
	switch rank {
	case severity(levelCritical):
		return colours{red, red}
	case severity(levelNotice):
		return colours{blue, darkBlue}
	}
	return colours{amber, darkAmber}
}
