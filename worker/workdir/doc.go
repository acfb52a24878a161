// Package workdir owns what a worker keeps on disk:
//
//	lock             held by the worker while it runs; a second one refuses
//	keeper.lock      held by the keeper
//	identity.json    host and incarnation, made when the root is first used
//	keeper.json      masters and token, for the keeper (0600)
//	contact          touched at each heartbeat a master answered
//	outbox/          results not yet acknowledged
//	packages/        program packages, of worker/program
//	attempts/.shared/  files that attempts share by links
//	attempts/<workId>-<attempt>/
//	    spec.json    what was asked for, and the outputs seen before the start; behind
//	                 it the first process, its start time and the boot, for adoption
//	    app.sh       the wrapper; script: what the user wrote
//	    log          standard output and error; its lock is held by the processes
//	    log.gap      the part of the log that was dropped: two offsets
//	    exit.tmp     the exit code as app.sh wrote it
//	    exit         the exit code, complete; once synced it decides the end
//	    work/        the script's working directory
//	    reported.json  a master has the result: may be cleaned up (spec.json, renamed)
//
// The exclusive mkdir of an attempt's directory, synced, is the proof of start:
// it happens after the masters agreed and before anything is executed, once.
// All access goes through os.Root, so no link planted by a script leads out of
// the root. Methods are safe for concurrent use unless they say otherwise.
package workdir
