package emit

// Origin is where a model's name comes from.
type Origin int

// The origins. The zero value reveals the least.
const (
	OriginLocal    Origin = iota // a folder or file of the user's: the event names it `local`
	OriginHub                    // the Hugging Face cache: Model is its public name, `org/name`
	OriginEndpoint               // a public provider's endpoint: Provider and Model name it
)

// Facts is the allowlist: everything that an event can be made of. Every field is checked again on
// its way into Metadata, and what does not fit its field's pattern or list is left out. Pointers are nil and strings
// empty if a fact is not known.
type Facts struct {
	Origin   Origin
	Provider string // OriginEndpoint: openai, cohere, ... ; self-hosted servers are OriginLocal
	Model    string // the public name; ignored for OriginLocal
	Version  string // hub revision (hex), or the weights' digest (`sha256:` and hex, or hex)

	// LocalPath is the absolute path of a model of OriginLocal. It never gets into an event: only its HMAC does. It is
	// also what the path patterns of Exclusions are held against.
	LocalPath string

	LoadSuccess      bool
	InferenceSuccess bool
	ErrorKind        string // one of vocabulary.ErrorKinds
	DeviceType       string // cpu, cuda, ...

	EmbeddingDimension *int
	Modalities         []string
	DistanceMetric     string
	Normalization      string
	Pooling            string   // several concatenated modes joined by `+`
	MaxSequenceLength  *int     // tokens
	Drift              []string // the keys in which declared and measured differ

	Architecture      string // model_type of config.json
	Parameters        *int64
	DType             string
	Backend           string // onnxruntime, go, endpoint
	ExecutionProvider string // the one that really ran the nodes, as ONNX Runtime names it
}
