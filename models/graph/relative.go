package graph

import (
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// maxDistanceTable bounds the table of distances that a relative position bias is made over.
const maxDistanceTable = 1 << 16

// relativeBuckets maps each signed distance key-query from -far to far to its bucket, as T5 does (Raffel et al. 2019,
// arXiv:1910.10683; transformers, T5Attention._relative_position_bucket, bidirectional): half the buckets for each
// direction, of those half for single distances and half logarithmic up to far, beyond which all share the last one.
// The arithmetic is float32, as there: at the borders of buckets it decides.
func relativeBuckets(buckets, far int64) []int64 {
	half := buckets / 2
	exact := half / 2
	table := make([]int64, 2*far+1)
	for d := -far; d <= far; d++ {
		n, bucket := d, int64(0)
		if d > 0 {
			bucket = half
		} else {
			n = -d
		}
		if n >= exact {
			ratio := float32(math.Log(float64(float32(n) / float32(exact))))
			steps := ratio / float32(math.Log(float64(far)/float64(exact))) * float32(half-exact)
			n = min(exact+int64(steps), half-1)
		}
		table[d+far] = bucket + n
	}
	return table
}

// checkBuckets refuses numbers that the formula has no meaning for.
func checkBuckets(c *config, buckets, far int64) {
	if buckets < 4 || buckets%4 != 0 || far <= buckets/4 || far > maxDistanceTable {
		c.fail(failure.KindInvalidConfig, "%d relative position buckets over a distance of %d: expected a multiple of 4, "+
			"and a distance above a quarter of it and up to %d", buckets, far, maxDistanceTable)
	}
}

// distances is key position minus query position, clipped to -far..far and moved to 0..2*far: sequence x sequence.
func (b *builder) distances(far int64) value {
	key, query := b.unsqueeze(b.arange(), 0), b.unsqueeze(b.arange(), 1)
	d := b.op("Max", []value{b.sub(key, query), b.int(-far)})
	return b.add(b.op("Min", []value{d, b.int(far)}), b.int(far))
}

// table is a constant list of integers with a name of its own.
func (b *builder) table(name string, values []int64) value {
	return b.constant(name, func(name string) { b.out.Int64s(name, []int64{int64(len(values))}, values...) })
}

// bucketBias looks up a learned bias for each head and each pair of positions: 1 x heads x sequence x sequence.
func (b *builder) bucketBias(name string, buckets, far, heads int64) value {
	learned := b.param([]int64{buckets, heads}, name)
	table := b.table("bucket_table", relativeBuckets(buckets, far))
	perDistance := b.op("Gather", []value{learned, table}, onnx.Int("axis", 0))
	bias := b.op("Gather", []value{perDistance, b.distances(far)}, onnx.Int("axis", 0))
	return b.unsqueeze(b.transpose(bias, 2, 0, 1), 0)
}
