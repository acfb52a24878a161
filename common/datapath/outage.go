package datapath

import "strings"

// OutageIn finds the file system in a text that holds the words of an Outage,
// as they were noted somewhere.
func OutageIn(text string) (name string, is bool) {
	before, _, is := strings.Cut(text, " does not answer: ")
	if !is {
		return "", false
	}
	return before[strings.LastIndexByte(before, ' ')+1:], true
}
