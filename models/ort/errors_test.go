package ort

import (
	"errors"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

// TestLoadErrors has what ONNX Runtime 1.31.1 says of broken models, word for word.
func TestLoadErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		kind failure.Kind
		says string
	}{
		{"Load model from m/unknown.onnx failed:Fatal error: com.acme:FooBar(-1) is not a registered function/op",
			failure.KindUnsupportedOp, "no kernel for com.acme:FooBar"},
		{`Load model from m.onnx failed:This is an invalid model. In Node, ("", FooBar, "", -1) : ("x": tensor(float),) -> ` +
			`("y": tensor(float),) , Error No Op registered for FooBar with domain_version of 17`,
			failure.KindUnsupportedOp, "no kernel for FooBar"},
		{"Could not find an implementation for Erf(13) node with name ''", failure.KindUnsupportedOp, "no kernel for Erf(13)"},
		{"model_load_utils.h:46 ValidateOpsetForDomain ONNX Runtime only *guarantees* support for models stamped with " +
			"official released onnx opset versions. Opset 99 is under development and support for this is limited.",
			failure.KindUnsupportedOp, "one of its operators"},
		{"model.cc:256 Unsupported model IR version: 99, max supported IR version: 13", failure.KindUnsupportedFormat, "99"},
		{"External data path validation failed for initializer: w. Error: tensorprotoutils.cc:461 " +
			`ValidateExternalDataPathFromDir External data path does not exist: "/m/nope.bin"`, failure.KindMissingFile, "nope.bin"},
		{"External data path validation failed for initializer: w. Error: External data path escapes model directory. " +
			`External data path: "../outside.bin" resolved path: "/o" allowed directory: "m"`, failure.KindUnsafePath, "../outside"},
		{"External data path validation failed for initializer: w. Error: tensorprotoutils.cc:434 " +
			"ValidateExternalDataPathFromDir Absolute path not allowed for external data location", failure.KindUnsafePath, "Absolute"},
		{"Deserialize tensor w failed.tensorprotoutils.cc:1876 GetExtDataFromTensorProto External initializer: w offset: 4096 " +
			"size to read: 64 given file_length: 64 are out of bounds or can not be read in full.", failure.KindTruncated, "4096"},
		{"Load model from m/garbage.onnx failed:Protobuf parsing failed.", failure.KindInvalidFormat, "Protobuf"},
		{"Load model from m/dangling.onnx failed:Invalid model. Node input 'zzz' is not a graph input, initializer, or output of " +
			"a previous node.", failure.KindInvalidFormat, "zzz"},
		{"bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to " +
			"allocate memory for requested buffer of size 281474976710656", failure.KindOutOfMemory, "not enough memory"},
		{"std::bad_alloc", failure.KindOutOfMemory, "not enough memory"},
		{"CUDA failure 101: invalid device ordinal ; GPU=-1 ; hostname=x", failure.KindDeviceUnavailable, "invalid device"},
		{"CUDA failure 2: out of memory ; GPU=0", failure.KindOutOfMemory, "not enough memory"},
	} {
		err := loadError(errors.New(test.text))
		if err.Kind != test.kind || err.Stage != failure.StageLoad || !strings.Contains(err.Message, test.says) {
			t.Errorf("%q: expected %s that says %q, found %s: %s", test.text, test.kind, test.says, err.Kind, err.Message)
		}
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]failure.Kind{
		"Non-zero status code returned while running Reshape node. Name:''":         failure.KindInference,
		"Got invalid dimensions for input: x for the following indices":             failure.KindInference,
		"Failed to allocate memory for requested buffer of size 281474976710656":    failure.KindOutOfMemory,
		"CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=localhost": failure.KindOutOfMemory,
	} {
		if err := runError(errors.New(text)); err.Kind != kind || err.Stage != failure.StageInference {
			t.Errorf("%q: expected %s, found %s at %s", text, kind, err.Kind, err.Stage)
		}
	}
}

func TestErrorsKeepWhatIsKnown(t *testing.T) {
	t.Parallel()
	known := failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable, "no GPU")
	if loadError(known) != known || runError(known) != known {
		t.Error("expected an *failure.Error to stay as it is")
	}
}
