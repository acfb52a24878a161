package cli

import (
	"capricornus/common/config"
	"capricornus/common/datapath/hdfs"
)

// hdfsConfig is how HDFS is reached, from what people configured.
func hdfsConfig(c *config.HDFS) hdfs.Config {
	return hdfs.Config{
		Namenodes: c.Namenodes, Nameservice: c.Nameservice, Others: c.OtherNamenodes(), User: c.User,
		Timeout: c.Timeout, Clients: c.Clients, Protection: c.Protection, Hostnames: c.Hostnames,
		Kerberos: hdfs.Kerberos{
			Principal: c.Kerberos.Principal, Keytab: c.Kerberos.Keytab, Config: c.Kerberos.Config, Service: c.Kerberos.Service,
		},
	}
}
