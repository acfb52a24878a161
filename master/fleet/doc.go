// Package fleet is how persons see the workers and turn their switches: by the
// API, or straight in the database when no master answers. Both ways make the
// same change with the same one audit row, so nothing here needs a master.
//
// A worker that is off finishes what it runs and gets nothing new: what is
// assigned to it and has not started goes to others in the next pass of
// assignment. One that drains is off so that it becomes empty, and is shown as
// drained once it is.
package fleet
