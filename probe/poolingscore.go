package probe

import (
	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models/pooling"
)

// poolingByTriplets names the pooling of token states that no file names one for, by what each way does on the triplets.
func (b *battery) poolingByTriplets(run *tripletRun, keep func(language string) bool) detect.Finding {
	var ways []detect.PooledTriplets
	for _, mode := range pooling.Modes() {
		ways = append(ways, detect.PooledTriplets{Pooling: string(mode), Vectors: run.of(run.modes[mode], keep)})
	}
	return detect.PoolingByTriplets(ways)
}
