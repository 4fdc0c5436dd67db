package main

// Bounds where none are given.
const (
	mostConnections          = 4096
	mostConnectionsPerClient = 64
)

// connectionBounds fills the bounds that were not given: half of the descriptors are left to the store, and one client
// gets a quarter of the connections at most.
func connectionBounds(all, each int, descriptors uint64) (int, int) {
	if all == 0 {
		all = mostConnections
		if half := descriptors / 2; half > 0 && half < mostConnections {
			all = int(half)
		}
	}
	if each == 0 {
		each = max(min(mostConnectionsPerClient, all/4), 1)
	}
	return all, each
}
