package text

import "time"

// Kinds are the codes of the table, with the levels that each is raised with.
func Kinds() map[string]string {
	out := map[string]string{}
	for code, k := range kinds() {
		out[code] = k.levels
	}
	return out
}

// Said are the words of one kind.
type Said struct{ Chinese, English []string }

// Words are those of every kind.
func Words() map[string]Said {
	out := map[string]Said{}
	for code, k := range kinds() {
		out[code] = Said{Chinese: []string{k.name.zh, k.says.zh}, English: []string{k.name.en, k.says.en}}
	}
	return out
}

// SpokenFor is how long a text is said.
func SpokenFor(text string) time.Duration { return spokenFor(text) }

// SpokenLimit is how long one may be.
const SpokenLimit = spokenLimit
