package config

// Section is the reference of one daemon's keys.
type Section struct {
	Name string // the command
	File string // the sample
	Keys []Key  // with their defaults as values
}

// Reference lists every key there is.
func Reference() []Section {
	m, w, d := DefaultMaster(), DefaultWorker(), DefaultDev()
	return []Section{
		{Name: "capri master", File: "conf/master.yaml", Keys: m.Keys()},
		{Name: "capri worker", File: "conf/worker.yaml", Keys: w.Keys()},
		{Name: "capri dev", File: "conf/dev.yaml", Keys: d.Keys()},
	}
}
