package vocabulary

// Stages lists where a probe can fail, in order.
func Stages() []string { return []string{"resolve", "load", "inference"} }

// ErrorKinds lists why a probe can fail; docs/errors.md explains each, and models/failure has them as constants.
func ErrorKinds() []string {
	return []string{
		"not_found", "ambiguous", "empty_file", "truncated", "invalid_format", "invalid_config", "too_large",
		"unsafe_path", "unsupported_format", "unsupported_model", "unsupported_op", "missing_tensor", "missing_file",
		"tokenizer", "not_an_embedding", "no_text_or_image", "non_finite", "inference_failed", "device_unavailable",
		"runtime_unavailable", "timeout", "oom", "crash", "endpoint", "internal",
	}
}

// Codes that say why a finding has no value, for programs, and for the command line, which knows the flag that would
// change it. A reason that nothing can change has no code.
const (
	ReasonQuick        = "quick"         // the short battery was asked for
	ReasonBudget       = "budget"        // it would take longer than the budget of the triplets
	ReasonLengthBudget = "length_budget" // it would take longer than the budget of the longest text
	ReasonNoTokenizer  = "no_tokenizer"  // the model has no tokenizer
	ReasonAssumed      = "assumed"       // no file says it, and probe had to assume something in order to run
)

// Reasons lists the codes.
func Reasons() []string {
	return []string{ReasonQuick, ReasonBudget, ReasonLengthBudget, ReasonNoTokenizer, ReasonAssumed}
}

// Remedies: what a user can do about a failure. The library names the remedy, the command line names the flag or the
// command.
const (
	RemedyInstallRuntime = "install_runtime"  // install ONNX Runtime
	RemedyNameLibrary    = "name_library"     // name the library to use
	RemedyPureGo         = "use_pure_go"      // run on the pure Go engine
	RemedyONNXRuntime    = "use_onnxruntime"  // run on ONNX Runtime
	RemedyNameGraph      = "name_graph"       // name one of several graphs
	RemedyNameTokenizer  = "name_tokenizer"   // name a tokenizer.json
	RemedyMoreTime       = "more_time"        // raise the time limit
	RemedyMoreMemory     = "more_memory"      // raise the memory limit
	RemedyOtherDevice    = "use_other_device" // choose another device
)

// Remedies lists them.
func Remedies() []string {
	return []string{RemedyInstallRuntime, RemedyNameLibrary, RemedyPureGo, RemedyONNXRuntime, RemedyNameGraph,
		RemedyNameTokenizer, RemedyMoreTime, RemedyMoreMemory, RemedyOtherDevice}
}
