package torch

import (
	"io"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/weights/stored"
)

// readZip reads an archive: NAME/data.pkl with the state dict, NAME/byteorder, and NAME/data/KEY with the elements of each
// storage.
func readZip(r io.ReaderAt, size int64) ([]stored.Tensor, error) {
	records, err := readArchive(r, size)
	if err != nil {
		return nil, err
	}
	folder, err := folderOf(records)
	if err != nil {
		return nil, err
	}
	z := &zipFile{r: r, folder: folder, entries: records, records: map[string]*record{}}
	if err := z.checkOrder(); err != nil {
		return nil, err
	}
	pickle := records[folder+"data.pkl"]
	if pickle.size > MaxPickle {
		return nil, tooLarge("its pickle has %d bytes, more than the %d that are read", pickle.size, MaxPickle)
	}
	m := &machine{in: newInput(r, pickle.data, pickle.data+pickle.size), persistent: z.storage}
	state, err := m.run()
	if err != nil {
		return nil, err
	}
	return tensors(state)
}

type zipFile struct {
	r       io.ReaderAt
	folder  string
	entries map[string]*entry
	records map[string]*record
}

// checkOrder refuses a file whose storages are not little-endian. Files of torch before 2.1 do not say; they are.
func (z *zipFile) checkOrder() error {
	e := z.entries[z.folder+"byteorder"]
	if e == nil {
		return nil
	}
	buf := make([]byte, min(e.size, 16))
	if _, err := z.r.ReadAt(buf, e.data); err != nil {
		return cut("the record byteorder: %w", err)
	}
	if string(buf) != "little" {
		return unsupported("its storages are in the byte order %q; save it again on a little-endian machine", buf)
	}
	return nil
}

// storage finds the record of a storage, which must be as long as the pickle says.
func (z *zipFile) storage(id tuple) (*storage, error) {
	p, err := parseStorageID(id)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(p.key, `/\`) || p.key == "" || p.key == "." || p.key == ".." {
		return nil, refuse(failure.KindUnsafePath, "a storage has the key %q, which is a path", quote(p.key))
	}
	rec := z.records[p.key]
	if rec == nil {
		e := z.entries[z.folder+"data/"+p.key]
		if e == nil {
			return nil, invalid("a tensor names the storage %q, which the archive does not have", quote(p.key))
		}
		if want := p.count * int64(p.dtype.Size()); e.size != want {
			return nil, invalid("storage %q: the pickle says %d elements of %s, %d bytes, and the record has %d",
				quote(p.key), p.count, p.dtype, want, e.size)
		}
		rec = &record{dtype: p.dtype, count: p.count, offset: e.data}
		z.records[p.key] = rec
	}
	if rec.dtype != p.dtype || rec.count != p.count {
		return nil, invalid("storage %q is said to be %d of %s and %d of %s", quote(p.key), rec.count, rec.dtype, p.count, p.dtype)
	}
	return &storage{key: p.key, dtype: p.dtype, count: p.count, record: rec}, nil
}
