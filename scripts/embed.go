// Package scripts holds the scripts that the program carries with it: those of
// `capri dev --hdfs`.
package scripts

import "embed"

// HDFS is dev-hdfs.sh and what it needs.
//
//go:embed dev-hdfs.sh package.sh hadoop/conf.sh hadoop/pom.xml
var HDFS embed.FS
