// Package failure is the error that every report can carry: where a probe failed (Stage), why in one word of a closed list
// (Kind), and a sentence for a person.
package failure

import "fmt"

// Stage is where a probe failed.
type Stage string

// The stages of a probe, in order.
const (
	StageResolve   Stage = "resolve"   // finding the model's files
	StageLoad      Stage = "load"      // reading them, making the session
	StageInference Stage = "inference" // running it
)

// Kind is the machine-readable reason of a failure. The list is closed and documented in docs/errors.md.
type Kind string

// Every kind that an *Error may carry.
const (
	KindNotFound           Kind = "not_found"           // no such model, file or cache entry
	KindAmbiguous          Kind = "ambiguous"           // several candidates and no rule that chooses
	KindEmptyFile          Kind = "empty_file"          // a model file of zero bytes
	KindTruncated          Kind = "truncated"           // a model file that ends too soon
	KindInvalidFormat      Kind = "invalid_format"      // not the format its name says
	KindInvalidConfig      Kind = "invalid_config"      // config files that contradict themselves or the weights
	KindTooLarge           Kind = "too_large"           // a declared size beyond what probe accepts
	KindUnsafePath         Kind = "unsafe_path"         // a path that leaves the model's folder
	KindUnsupportedFormat  Kind = "unsupported_format"  // pickled weights, TensorFlow, ...
	KindUnsupportedModel   Kind = "unsupported_model"   // a model_type or config option that no graph is built for
	KindUnsupportedOp      Kind = "unsupported_op"      // the engine has no kernel for a node
	KindMissingTensor      Kind = "missing_tensor"      // weights that the architecture needs and the file lacks
	KindMissingFile        Kind = "missing_file"        // a file that another one names (external data, a shard, a module)
	KindTokenizer          Kind = "tokenizer"           // the tokenizer's files cannot be used
	KindNotEmbedding       Kind = "not_an_embedding"    // it runs, but has no output that could be an embedding
	KindNoTextOrImage      Kind = "no_text_or_image"    // it takes neither text nor images
	KindNonFinite          Kind = "non_finite"          // NaN or Inf in the vectors
	KindInference          Kind = "inference_failed"    // the engine failed while running
	KindDeviceUnavailable  Kind = "device_unavailable"  // the device asked for is not there
	KindRuntimeUnavailable Kind = "runtime_unavailable" // no usable ONNX Runtime library where one was asked for
	KindTimeout            Kind = "timeout"             // the time limit ended it
	KindOutOfMemory        Kind = "oom"                 // it wanted more memory than there is
	KindCrash              Kind = "crash"               // native code died
	KindEndpoint           Kind = "endpoint"            // a remote endpoint answered with an error
	KindInternal           Kind = "internal"            // a fault of probe itself
)

// Error is a failure with the stage and kind that the report carries. Message says what was expected, what was found
// and what to do; it is safe to print.
type Error struct {
	Stage   Stage
	Kind    Kind
	Message string
	// Remedies are what a user can do about it, as words of vocabulary.Remedies: the command line names the flag.
	Remedies []string
	Cause    error
}

// With adds remedies (vocabulary.Remedies) and returns e.
func (e *Error) With(remedies ...string) *Error {
	e.Remedies = append(e.Remedies, remedies...)
	return e
}

// Errorf makes an *Error; a %w in format sets its cause.
func Errorf(stage Stage, kind Kind, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	e := &Error{Stage: stage, Kind: kind, Message: wrapped.Error()}
	if u, ok := wrapped.(interface{ Unwrap() error }); ok {
		e.Cause = u.Unwrap()
	}
	return e
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }
