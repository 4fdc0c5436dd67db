package folder

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/failure"
)

// Format is what a file's first bytes show it to be, whatever it is called.
type Format string

// The formats that Identify knows. FormatUnknown is everything else: an .onnx file, a vocabulary, prose.
const (
	FormatUnknown     Format = ""
	FormatPointer     Format = "pointer"      // what Git leaves in place of a file
	FormatWebPage     Format = "web_page"     // HTML
	FormatServerError Format = "server_error" // an error message of a server, saved as if it were the file
	FormatUTF16       Format = "utf16"        // text in UTF-16, as PowerShell's ">" writes it
	FormatJSON        Format = "json"         // an object or an array
	FormatXML         Format = "xml"          // OpenVINO's graphs, for one
	FormatArchive     Format = "archive"      // tar, gzip and their like
	FormatZip         Format = "zip"          // what torch.save makes is one too
	FormatTorch       Format = "torch"        // torch.save: a zip archive with a pickle in it
	FormatNumpy       Format = "numpy"        // .npy, or .npz (a zip archive of .npy)
	FormatPickle      Format = "pickle"       // a bare Python pickle
	FormatGGUF        Format = "gguf"         // llama.cpp, ollama
	FormatHDF5        Format = "hdf5"         // Keras
	FormatORT         Format = "ort"          // ONNX Runtime's own
	FormatTFLite      Format = "tflite"       // TensorFlow Lite
	FormatSafetensors Format = "safetensors"  //
	FormatMedia       Format = "media"        // a PDF or an image
)

// HeadSize is how many bytes Identify looks at.
const HeadSize = 512

// Content is what Identify found.
type Content struct {
	Format Format
	// Is goes on from "it is": "a Git LFS pointer, not the file itself".
	Is string
	// Advice is what to do about it.
	Advice string
}

// Known reports whether the file was recognized.
func (c Content) Known() bool { return c.Format != FormatUnknown }

// Instead reports whether the file is something that was put in place of the real one: a pointer, a page, an archive. No
// file of any model begins like that, whatever its format.
func (c Content) Instead() bool {
	switch c.Format {
	case FormatPointer, FormatWebPage, FormatServerError, FormatUTF16, FormatArchive, FormatZip, FormatMedia:
		return true
	}
	return false
}

// NotText reports whether the file is neither JSON nor a vocabulary: a model's small files are one or the other.
func (c Content) NotText() bool { return c.Known() && c.Format != FormatJSON }

// Kind is the failure of a file that is this and should be something else: a format that probe does not read, or a file
// that is not what its name says.
func (c Content) Kind() failure.Kind {
	switch c.Format {
	case FormatGGUF, FormatHDF5, FormatORT, FormatTFLite, FormatNumpy:
		return failure.KindUnsupportedFormat
	}
	return failure.KindInvalidFormat
}

// Err is the error that says what the file is and what to do.
func (c Content) Err() error { return fmt.Errorf("it is %s; %s", c.Is, c.Advice) }

const again = "download the file itself"

// magics are formats by the bytes they begin with.
var magics = []struct {
	prefix string
	Content
}{
	{"version https://git-lfs", Content{FormatPointer, "a Git LFS pointer, not the file itself", "fetch the file with `git lfs pull`"}},
	{"# xet version", Content{FormatPointer, "a Git Xet pointer, not the file itself", "fetch the file with `git xet`, or download it with `hf download`"}},
	{"/annex/objects/", Content{FormatPointer, "a git-annex pointer, not the file itself", "fetch the file with `git annex get`"}},
	{"\xff\xfe", Content{FormatUTF16, "text in UTF-16, as PowerShell's redirection writes it", "save it as UTF-8"}},
	{"\xfe\xff", Content{FormatUTF16, "text in UTF-16", "save it as UTF-8"}},
	{"GGUF", Content{FormatGGUF, "a GGUF file of llama.cpp", "give it a name that ends in .gguf, or use the model's safetensors or ONNX files"}},
	{"ggml", Content{FormatGGUF, "a GGML file of an old llama.cpp", "use the model's safetensors or ONNX files"}},
	{"ggjt", Content{FormatGGUF, "a GGML file of an old llama.cpp", "use the model's safetensors or ONNX files"}},
	{"\x89HDF", Content{FormatHDF5, "an HDF5 file (Keras weights, perhaps)", "save the model as safetensors or ONNX"}},
	{"\x1f\x8b", Content{FormatArchive, "compressed with gzip", "unpack it first"}},
	{"\x28\xb5\x2f\xfd", Content{FormatArchive, "compressed with zstd", "unpack it first"}},
	{"\xfd7zXZ\x00", Content{FormatArchive, "compressed with xz", "unpack it first"}},
	{"BZh", Content{FormatArchive, "compressed with bzip2", "unpack it first"}},
	{"7z\xbc\xaf\x27\x1c", Content{FormatArchive, "a 7z archive", "unpack it first"}},
	{"Rar!\x1a\x07", Content{FormatArchive, "a RAR archive", "unpack it first"}},
	{"\x93NUMPY", Content{FormatNumpy, "a NumPy array", "save the model as safetensors or ONNX"}},
	{"%PDF-", Content{FormatMedia, "a PDF document", again}},
	{"\x89PNG", Content{FormatMedia, "a PNG image", again}},
	{"\xff\xd8\xff", Content{FormatMedia, "a JPEG image", again}},
}

// Identify recognizes files of another format than their name says by their first bytes (HeadSize of them are enough) and
// their whole size: "invalid protobuf" or "invalid character '<'" helps nobody who has saved a web page.
func Identify(head []byte, size int64) Content {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return m.Content
		}
	}
	switch {
	case isSafetensors(head, size):
		return Content{FormatSafetensors, "a safetensors file", "give it a name that ends in .safetensors, next to its config.json"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipped(head)
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return Content{FormatArchive, "a tar archive", "unpack it first"}
	case len(head) >= 8 && string(head[4:8]) == "ORTM":
		return Content{FormatORT, "in ONNX Runtime's own .ort format", "use the .onnx file it was made from"}
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return Content{FormatTFLite, "a TensorFlow Lite model", "use the model's safetensors or ONNX files"}
	case len(head) >= 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		return Content{FormatPickle, "a Python pickle (a PyTorch checkpoint, perhaps)",
			"if it is a model's state dict, call it pytorch_model.bin, next to its config.json"}
	}
	return identifyText(head, size)
}

// zipped looks at the name of a zip archive's first member: torch.save begins with data.pkl, NumPy with an array.
func zipped(head []byte) Content {
	name := ""
	if len(head) >= 30 {
		n := int(head[26]) | int(head[27])<<8
		name = string(head[30:min(len(head), 30+n)])
	}
	switch {
	case strings.HasSuffix(name, "/data.pkl"):
		return Content{FormatTorch, "a PyTorch checkpoint", "call it pytorch_model.bin, next to its config.json"}
	case strings.HasSuffix(name, ".npy"):
		return Content{FormatNumpy, "an .npz archive of NumPy arrays (MLX weights, perhaps)", "save the model as safetensors or ONNX"}
	}
	return Content{FormatZip, "a zip archive", "unpack it first"}
}

// isSafetensors looks for the header's length and its opening brace
// (https://github.com/huggingface/safetensors#format).
func isSafetensors(head []byte, size int64) bool {
	if len(head) < 9 || head[8] != '{' {
		return false
	}
	length := int64(0)
	for i := 7; i >= 0; i-- {
		if length > 1<<32 {
			return false
		}
		length = length<<8 | int64(head[i])
	}
	return length >= 2 && length <= size-8
}

// maxMessageLines tells a message from a vocabulary that begins with the same word.
const maxMessageLines = 8

// serverErrors are beginnings of the texts that servers send in place of a file: the Hugging Face hub, S3, and proxies.
var serverErrors = []string{
	"entry not found", "repository not found", "invalid username or password", "access to model ", "access to this ",
	"unauthorized", "forbidden", "not found", "404", "403 ", "401 ", "429 ", "500 ", "502 ", "503 ", "internal server error",
	"bad gateway", "too many requests", "access denied", "file not found", "invalid rev", "revision not found",
	"cannot get ", "we had to rate limit",
}

func identifyText(head []byte, size int64) Content {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	lower := strings.ToLower(string(text[:min(len(text), 64)]))
	switch {
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<head"),
		strings.HasPrefix(lower, "<!--") && bytes.Contains(bytes.ToLower(head), []byte("<html")):
		return Content{FormatWebPage, "a web page (HTML), such as a login or error page", again}
	case strings.HasPrefix(lower, "<?xml"), strings.HasPrefix(lower, "<error>"):
		if bytes.Contains(text, []byte("<Error>")) || bytes.Contains(text, []byte("<Code>")) {
			return Content{FormatServerError, "an error message of a server: " + quote(text), again}
		}
		if bytes.Contains(bytes.ToLower(text), []byte("html")) {
			return Content{FormatWebPage, "a web page (XHTML), such as a login or error page", again}
		}
		return Content{FormatXML, "XML (an OpenVINO graph, perhaps)", "use the model's safetensors or ONNX files"}
	case len(text) > 0 && (text[0] == '{' || text[0] == '[') && bytes.IndexByte(head, 0) < 0 && isText(head):
		if size <= HeadSize && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte(`"error"`)) {
			return Content{FormatServerError, "an error message of a server, as JSON: " + quote(text), again}
		}
		return Content{FormatJSON, "JSON", again}
	}
	for _, message := range serverErrors {
		if size <= 4096 && strings.HasPrefix(lower, message) && isText(head) && bytes.Count(head, []byte("\n")) <= maxMessageLines {
			return Content{FormatServerError, "an error message of a server: " + quote(text), again}
		}
	}
	return Content{}
}

// isText reports whether the bytes are UTF-8 without control characters; a character may be cut at the end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			return len(b) < utf8.UTFMax
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// quote is the beginning of a text on one line.
func quote(text []byte) string {
	line := strings.Join(strings.Fields(string(text)), " ")
	if len(line) > 60 {
		line = strings.ToValidUTF8(line[:60], "") + "..."
	}
	return strconv.QuoteToASCII(line)
}

// IdentifyFile is Identify for a regular file; the zero Content if it cannot be read.
func IdentifyFile(path string) Content {
	f, err := OpenRegular(path)
	if err != nil {
		return Content{}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Content{}
	}
	head := make([]byte, HeadSize)
	n, _ := f.ReadAt(head, 0) // a file that is shorter, or cannot be read, is judged by what there is
	return Identify(head[:n], info.Size())
}
