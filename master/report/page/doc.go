// Package page writes reports as people read them: text for terminals, HTML for
// mail with its plain twin, the subject; in Chinese and English. It is pure.
//
// Both forms are drawn from one view, so that they say the same.
package page
