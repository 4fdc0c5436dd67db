package tensor

// Info describes one declared input or output of a graph.
type Info struct {
	Name  string
	DType DType
	// Shape has DynamicDim where the graph names a symbol or nothing; it is nil where the rank is not declared.
	Shape []int64
	// Symbols are the names of symbolic dimensions ("batch_size"), "" where fixed or unnamed; as long as Shape.
	Symbols []string
}

// DynamicDim stands in Info.Shape for a dimension that is not fixed.
const DynamicDim int64 = -1

// Named is a tensor with the graph input it feeds.
type Named struct {
	Name   string
	Tensor Tensor
}
