package torch

import (
	"encoding/binary"
	"io"
	"maps"
	"slices"

	"github.com/divinedevops/probe/models/weights/stored"
)

// protocolVersion is what a stream says after its magic number.
const protocolVersion = 1001

// readLegacy reads a stream: pickles of the magic number, the protocol version, facts about the machine, the state dict
// and the keys of the storages; then for each key the number of elements, in 8 bytes, and the elements.
func readLegacy(r io.ReaderAt, size int64) ([]stored.Tensor, error) {
	l := &stream{in: newInput(r, 0, size), r: r, size: size, records: map[string]*record{}}
	if err := l.readHead(); err != nil {
		return nil, err
	}
	state, err := l.unpickle(l.storage)
	if err != nil {
		return nil, err
	}
	keys, err := l.unpickle(nil)
	if err != nil {
		return nil, err
	}
	// Where the storages lie is known only now, and tensors ask for it.
	if err := l.place(keys); err != nil {
		return nil, err
	}
	return tensors(state)
}

type stream struct {
	in      *input
	r       io.ReaderAt
	size    int64
	records map[string]*record
}

func (l *stream) unpickle(persistent func(tuple) (*storage, error)) (any, error) {
	m := &machine{in: l.in, persistent: persistent}
	return m.run()
}

// readHead checks the three pickles before the state dict.
func (l *stream) readHead() error {
	head := make([]byte, min(l.size, int64(len(legacyMagic))))
	if _, err := l.r.ReadAt(head, 0); err != nil || !begins(head, legacyMagic) {
		return unsupported("it is neither a zip archive nor a stream that begins with torch.save's magic number; " +
			"probe reads what torch.save writes")
	}
	l.in.pos = int64(len(legacyMagic))
	version, err := l.unpickle(nil)
	if err != nil {
		return err
	}
	if version != int64(protocolVersion) {
		return unsupported("a stream of protocol version %v; expected %d", version, protocolVersion)
	}
	machine, err := l.unpickle(nil)
	if err != nil {
		return err
	}
	facts, ok := machine.(*dict)
	if !ok {
		return invalid("expected a dict of facts about the machine that wrote the stream")
	}
	for _, fact := range facts.pairs {
		if fact.key == "little_endian" && fact.value != true {
			return unsupported("it was written on a big-endian machine; save it again on a little-endian one")
		}
	}
	return nil
}

// storage notes a storage whose place is not known yet. Two tensors of one storage must agree about it.
func (l *stream) storage(id tuple) (*storage, error) {
	p, err := parseStorageID(id)
	if err != nil {
		return nil, err
	}
	if len(id) != 6 {
		return nil, invalid("storage %q: expected 6 members in a stream, found %d", quote(p.key), len(id))
	}
	rec, ok := l.records[p.key]
	if !ok {
		rec = &record{dtype: p.dtype, count: p.count, offset: -1}
		l.records[p.key] = rec
	}
	if rec.dtype != p.dtype || rec.count != p.count {
		return nil, invalid("storage %q is said to be %d of %s and %d of %s", quote(p.key), rec.count, rec.dtype, p.count, p.dtype)
	}
	s := &storage{key: p.key, dtype: p.dtype, count: p.count, record: rec}
	if id[5] == nil {
		return s, nil
	}
	// A view: (key of the view, first element, number of elements).
	view, ok := id[5].(tuple)
	if !ok || len(view) != 3 {
		return nil, invalid("storage %q: a view that is not a tuple of 3", quote(p.key))
	}
	first, isNumber := view[1].(int64)
	count, isNumber2 := view[2].(int64)
	if !isNumber || !isNumber2 || first < 0 || count < 0 || first > p.count || count > p.count-first {
		return nil, invalid("storage %q has %d elements; a view of it ends beyond", quote(p.key), p.count)
	}
	s.base, s.count = first, count
	return s, nil
}

// place finds where each storage lies: they follow the pickles in the order of the keys.
func (l *stream) place(v any) error {
	keys, ok := v.(*list)
	if !ok {
		return invalid("expected a list of the storages' keys after the state dict")
	}
	at := l.in.pos
	for _, k := range keys.items {
		key, _ := k.(string)
		rec, ok := l.records[key]
		switch {
		case !ok:
			return invalid("the stream has a storage %q that no tensor names", quote(key))
		case rec.offset >= 0:
			return invalid("the storage %q comes twice", quote(key))
		case at+8 > l.size:
			return cut("the number of elements of storage %q", quote(key))
		}
		var head [8]byte
		if _, err := l.r.ReadAt(head[:], at); err != nil {
			return cut("the number of elements of storage %q: %w", quote(key), err)
		}
		if n := int64(binary.LittleEndian.Uint64(head[:])); n != rec.count {
			return invalid("storage %q: the pickle says %d elements, the stream has %d", quote(key), rec.count, n)
		}
		rec.offset = at + 8
		bytes := rec.count * int64(rec.dtype.Size())
		if bytes > l.size-rec.offset {
			return cut("the %d bytes of storage %q", bytes, quote(key))
		}
		at = rec.offset + bytes
	}
	for _, key := range slices.Sorted(maps.Keys(l.records)) {
		if l.records[key].offset < 0 {
			return invalid("a tensor names the storage %q, which the stream does not have", quote(key))
		}
	}
	if at != l.size {
		return invalid("%d bytes after the last storage, which nothing names", l.size-at)
	}
	return nil
}
