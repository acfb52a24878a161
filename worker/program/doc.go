// Package program keeps the program packages that attempts are made with. A
// package is fetched once for each worker and version, into a store below the
// worker's root; concurrent attempts wait for the one fetch. A fetch that hangs
// or takes too long is ended and people are told.
//
// Packages come from people and are not trusted: what is in an archive can
// neither leave the directory it is unpacked into, nor be anything but files,
// directories and links among them, nor be longer than the limits, whatever its
// headers say.
//
// A Store is safe for concurrent use.
package program
