package source

import (
	"bufio"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/divinedevops/probe/models/folder"
)

// localDownloads is where huggingface_hub 0.23 and newer notes what it put into a folder (hf download --local-dir).
const localDownloads = ".cache/huggingface/download"

// readDownloads reads what huggingface_hub left next to the model: the unfinished files of a download that was cut, and
// the commit and digest that it noted for each file.
func (s *Source) readDownloads(root *folder.Root) {
	var unfinished int
	if root.Hub != nil {
		unfinished = unfinishedBlobs(filepath.Join(root.Hub.RepoDir, "blobs"))
	} else {
		unfinished = len(unfinishedIn(filepath.Join(root.Dir, filepath.FromSlash(localDownloads))))
	}
	if unfinished > 0 {
		advice := "download it again"
		if root.Hub != nil {
			advice += ": hf download " + root.Hub.Name
		}
		s.warnf("the download of this model was not finished: %d of its files are incomplete%s, and what is missing may change "+
			"the vectors; %s", unfinished, missingSmall(root), advice)
	}
	if root.Hub != nil {
		return
	}
	file := s.WeightFile()
	if file == "" {
		return
	}
	rel, err := filepath.Rel(s.Dir, file)
	if err != nil {
		return
	}
	if d, ok := readDownload(root, filepath.ToSlash(rel)); ok {
		s.Revision, s.RecordedDigest = d.commit, d.sha256
	}
}

// unfinishedBlobs counts the blobs of a cache entry that were begun and are not there whole.
func unfinishedBlobs(dir string) int {
	n := 0
	for _, name := range unfinishedIn(dir) {
		etag, _, _ := strings.Cut(name, ".") // ETAG.incomplete, in newer versions ETAG.RANDOM.incomplete
		if _, err := os.Stat(filepath.Join(dir, etag)); err != nil {
			n++
		}
	}
	return n
}

func unfinishedIn(dir string) []string {
	var out []string
	for _, name := range list(dir) {
		if strings.HasSuffix(name, ".incomplete") {
			out = append(out, name)
		}
	}
	return out
}

// missingSmall names the files that decide what the vectors are and that a folder which was not downloaded whole lacks.
func missingSmall(root *folder.Root) string {
	var missing []string
	for _, name := range []string{"config.json", "modules.json", "tokenizer.json"} {
		if !root.Listed(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return " (not there: " + strings.Join(missing, ", ") + ")"
}

// download is what huggingface_hub noted for one file.
type download struct {
	commit, sha256 string
}

// readDownload reads FILE.metadata: the commit, the ETag (of a large file its sha256) and the time of the download, a line
// each. Like huggingface_hub it ignores the note if the file was changed afterwards (_local_folder.py).
func readDownload(root *folder.Root, rel string) (d download, ok bool) {
	file, err := folder.OpenRegular(filepath.Join(root.Dir, filepath.FromSlash(path.Join(localDownloads, rel+".metadata"))))
	if err != nil {
		return d, false
	}
	defer file.Close()
	var lines []string
	for scan := bufio.NewScanner(io.LimitReader(file, 4096)); len(lines) < 3 && scan.Scan(); {
		lines = append(lines, strings.TrimSpace(scan.Text()))
	}
	if len(lines) < 3 || !isHex(lines[0], 40) {
		return d, false
	}
	noted, err := strconv.ParseFloat(lines[2], 64)
	info, statErr := os.Stat(filepath.Join(root.Dir, filepath.FromSlash(rel)))
	if err != nil || statErr != nil || info.ModTime().Add(-time.Second).After(time.UnixMicro(int64(noted*1e6))) {
		return d, false
	}
	d.commit = lines[0]
	if isHex(lines[1], 64) {
		d.sha256 = lines[1]
	}
	return d, true
}

func isHex(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789abcdef") == ""
}
