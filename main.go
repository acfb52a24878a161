// Command capri is Capricornus, a batch scheduler: masters, workers and the
// command line in one binary.
package main

import (
	"os"

	"capricornus/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
