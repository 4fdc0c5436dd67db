package probe

// Version is the version of probe, as `probe version` and the events give it.
const Version = "0.1.0"
