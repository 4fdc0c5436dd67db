// Package pb reads and writes ONNX's protobuf messages without their schema: the field numbers of onnx.proto3, and
// functions over serialized messages.
//
// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
package pb

// ModelProto and OperatorSetIdProto.
const (
	ModelIRVersion       = 1
	ModelProducer        = 2
	ModelProducerVersion = 3
	ModelGraph           = 7
	ModelOpset           = 8
	ModelFunctions       = 25

	OpsetDomain  = 1
	OpsetVersion = 2
)

// GraphProto.
const (
	GraphNode         = 1
	GraphName         = 2
	GraphInitializer  = 5
	GraphDoc          = 10
	GraphInput        = 11
	GraphOutput       = 12
	GraphValueInfo    = 13
	GraphQuantization = 14
	GraphSparse       = 15
)

// NodeProto and FunctionProto.
const (
	NodeInput     = 1
	NodeOutput    = 2
	NodeName      = 3
	NodeOpType    = 4
	NodeAttribute = 5
	NodeDomain    = 7

	FunctionName   = 1
	FunctionNode   = 7
	FunctionDomain = 10
)

// AttributeProto, and its types.
const (
	AttributeName    = 1
	AttributeFloat   = 2
	AttributeInt     = 3
	AttributeString  = 4
	AttributeTensor  = 5
	AttributeGraph   = 6
	AttributeInts    = 8
	AttributeTensors = 10
	AttributeGraphs  = 11
	AttributeType    = 20
	AttributeSparse  = 22
	AttributeSparses = 23

	TypeFloat  = 1
	TypeInt    = 2
	TypeString = 3
	TypeTensor = 4
	TypeInts   = 7
)

// TensorProto, SparseTensorProto and StringStringEntryProto.
const (
	TensorDims         = 1
	TensorDataType     = 2
	TensorInt32s       = 5
	TensorInt64s       = 7
	TensorName         = 8
	TensorRaw          = 9
	TensorDoc          = 12
	TensorExternal     = 13
	TensorDataLocation = 14
	LocationExternal   = 1 // of TensorDataLocation: the data lie in a file

	SparseValues  = 1
	SparseIndices = 2

	EntryKey   = 1
	EntryValue = 2
)

// ValueInfoProto, and the TypeProto in it.
const (
	ValueName = 1
	ValueType = 2

	ValueTensor    = 1 // TypeProto.tensor_type
	ElementType    = 1
	TensorShape    = 2
	ShapeDimension = 1
	DimensionValue = 1
	DimensionParam = 2
)
