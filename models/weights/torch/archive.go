package torch

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// entry is one record of a zip archive.
type entry struct {
	name             string
	flags, method    uint16
	packed, size     int64
	header, data     int64 // where its local header and its bytes begin
	nameLen, nextEnd int64
}

// Parts of the zip format (PKWARE APPNOTE 6.3): signatures, fixed lengths, flags.
const (
	localSignature      = 0x04034b50
	centralSignature    = 0x02014b50
	endSignature        = 0x06054b50
	end64Signature      = 0x06064b50
	locatorSignature    = 0x07064b50
	descriptorSignature = 0x08074b50

	localLen, centralLen, endLen, end64Len, locatorLen = 30, 46, 22, 56, 20

	flagEncrypted, flagDescriptor = 1, 1 << 3
	extra64                       = 1 // the extra field of 64-bit sizes
	max16, max32                  = 0xffff, 0xffffffff
	// maxDirectory bounds the central directory, in bytes.
	maxDirectory = 16 << 20
)

// directory is where the central directory lies and what it says of itself.
type directory struct{ records, size, offset int64 }

// readArchive reads the central directory and every local header, and refuses an archive in which the two differ, in which
// records overlap, or whose bytes are not stored as they are: whatever reads the file must find the same numbers.
func readArchive(r io.ReaderAt, size int64) (map[string]*entry, error) {
	dir, err := readEnd(r, size)
	if err != nil {
		return nil, err
	}
	entries, err := readDirectory(r, dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := e.readLocal(r, dir.offset); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.header, b.header) })
	names := map[string]*entry{}
	end := int64(0)
	for _, e := range entries {
		if e.header < end {
			return nil, invalid("the record %q of the archive overlaps another", quote(e.name))
		}
		if names[e.name] != nil {
			return nil, invalid("the record %q comes twice in the archive", quote(e.name))
		}
		end, names[e.name] = e.nextEnd, e
	}
	return names, nil
}

// readEnd reads the end of the archive: the record that says where the central directory is, and its 64-bit form, which
// torch writes always. If both are there they must agree.
func readEnd(r io.ReaderAt, size int64) (directory, error) {
	var d directory
	buf := make([]byte, min(size, endLen+locatorLen+end64Len))
	if _, err := r.ReadAt(buf, size-int64(len(buf))); err != nil {
		return d, cut("the end of the zip archive: %w", err)
	}
	if len(buf) < endLen || binary.LittleEndian.Uint32(buf[len(buf)-endLen:]) != endSignature {
		return d, cut("the end of the zip archive")
	}
	end := buf[len(buf)-endLen:]
	u16 := func(at int) int64 { return int64(binary.LittleEndian.Uint16(end[at:])) }
	u32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(end[at:])) }
	if u16(4) != 0 || u16(6) != 0 || u16(8) != u16(10) || u16(20) != 0 {
		return d, invalid("the end of the zip archive names several disks or a comment, which torch.save does not write")
	}
	d = directory{u16(10), u32(12), u32(16)}
	follows := size - endLen // where the directory must end
	if len(buf) == endLen+locatorLen+end64Len {
		wide, found, err := readEnd64(buf, size)
		if err != nil {
			return d, err
		}
		if found {
			if !agrees(d.records, wide.records, max16) || !agrees(d.size, wide.size, max32) || !agrees(d.offset, wide.offset, max32) {
				return d, invalid("the two ends of the zip archive, of 32 and of 64 bits, contradict each other")
			}
			d, follows = wide, size-endLen-locatorLen-end64Len
		}
	}
	switch {
	case d.records > MaxRecords || d.size > maxDirectory:
		return d, tooLarge("the zip archive has %d records in a directory of %d bytes; at most %d in %d are read",
			d.records, d.size, MaxRecords, maxDirectory)
	case d.offset < 0 || d.size < 0 || d.records < 0 || d.offset > follows || d.offset+d.size != follows:
		return d, invalid("the directory of the zip archive does not lie before its end")
	}
	return d, nil
}

// agrees reports whether a field is what its 64-bit form says, or full, which means that it does not fit.
func agrees(narrow, wide, full int64) bool { return narrow == wide || narrow == full }

// readEnd64 reads the 64-bit end of the archive and its locator, if they are there.
func readEnd64(buf []byte, size int64) (directory, bool, error) {
	locator := buf[end64Len:]
	if binary.LittleEndian.Uint32(locator) != locatorSignature {
		return directory{}, false, nil
	}
	at := size - int64(len(buf))
	u64 := func(i int) int64 { return int64(min(binary.LittleEndian.Uint64(buf[i:]), 1<<62)) }
	if binary.LittleEndian.Uint32(buf) != end64Signature || u64(4) != end64Len-12 ||
		binary.LittleEndian.Uint64(locator[8:]) != uint64(at) || u64(24) != u64(32) {
		return directory{}, false, invalid("the 64-bit end of the zip archive is not where its locator says, or is not one")
	}
	return directory{u64(32), u64(40), u64(48)}, true, nil
}

// readDirectory reads the central directory.
func readDirectory(r io.ReaderAt, d directory) ([]*entry, error) {
	buf := make([]byte, d.size)
	if _, err := r.ReadAt(buf, d.offset); err != nil {
		return nil, cut("the directory of the zip archive: %w", err)
	}
	// Each record has a fixed part, so the number of records that is said cannot make much.
	entries := make([]*entry, 0, min(d.records, d.size/centralLen))
	for range d.records {
		e, n := parseCentral(buf)
		if e == nil {
			return nil, invalid("the directory of the zip archive is damaged at record %d of %d", len(entries), d.records)
		}
		entries, buf = append(entries, e), buf[n:]
	}
	if len(buf) != 0 {
		return nil, invalid("the directory of the zip archive has %d bytes that no record uses", len(buf))
	}
	// TorchScript compresses its code, so what it is comes before how it is stored.
	for _, e := range entries {
		if _, base, ok := strings.Cut(e.name, "/"); ok && base == "constants.pkl" {
			return nil, unsupported("it is a TorchScript archive, which holds code; in Python, save model.state_dict()")
		}
	}
	for _, e := range entries {
		if err := e.check(d); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// check refuses a record that is not stored as it is, or cannot be where the directory says.
func (e *entry) check(d directory) error {
	switch {
	case e.flags&flagEncrypted != 0:
		return unsupported("the record %q of the archive is encrypted", quote(e.name))
	case e.method != 0:
		return unsupported("the record %q of the archive is compressed; torch.save stores records as they are", quote(e.name))
	case e.packed != e.size || e.header < 0 || e.header+localLen > d.offset || e.size > d.offset:
		return invalid("the record %q of the archive has sizes that contradict each other or the file's", quote(e.name))
	}
	return nil
}

// parseCentral reads one record of the directory and returns its length; nil if it is damaged.
func parseCentral(buf []byte) (*entry, int) {
	if len(buf) < centralLen || binary.LittleEndian.Uint32(buf) != centralSignature {
		return nil, 0
	}
	u16 := func(at int) uint16 { return binary.LittleEndian.Uint16(buf[at:]) }
	u32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(buf[at:])) }
	nameEnd := centralLen + int(u16(28))
	extraEnd := nameEnd + int(u16(30))
	end := extraEnd + int(u16(32))
	if end > len(buf) {
		return nil, 0
	}
	e := &entry{
		name: string(buf[centralLen:nameEnd]), flags: u16(8), method: u16(10), packed: u32(20), size: u32(24), header: u32(42),
		nameLen: int64(u16(28)),
	}
	if !e.widen(buf[nameEnd:extraEnd]) {
		return nil, 0
	}
	return e, end
}

// widen takes the 64-bit values of an extra field for those that are full. It is false if one is missing.
func (e *entry) widen(extra []byte) bool {
	fields := []*int64{&e.size, &e.packed, &e.header}
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if 4+n > len(extra) {
			return false
		}
		body := extra[4 : 4+n]
		extra = extra[4+n:]
		if id != extra64 {
			continue
		}
		for _, f := range fields {
			if *f != max32 {
				continue
			}
			if len(body) < 8 {
				return false
			}
			*f = int64(min(binary.LittleEndian.Uint64(body), 1<<62))
			body = body[8:]
		}
		return true
	}
	return e.size != max32 && e.packed != max32 && e.header != max32
}

// readLocal reads the local header, which must say what the directory does, and finds where the bytes are. limit is where
// the directory begins.
func (e *entry) readLocal(r io.ReaderAt, limit int64) error {
	buf := make([]byte, localLen+e.nameLen)
	if e.header+int64(len(buf)) > limit {
		return invalid("the record %q of the archive lies beyond its directory", quote(e.name))
	}
	if _, err := r.ReadAt(buf, e.header); err != nil {
		return cut("the record %q: %w", quote(e.name), err)
	}
	u16 := func(at int) uint16 { return binary.LittleEndian.Uint16(buf[at:]) }
	differs := binary.LittleEndian.Uint32(buf) != localSignature || u16(6) != e.flags || u16(8) != e.method ||
		int64(u16(26)) != e.nameLen || string(buf[localLen:]) != e.name
	packed, size := int64(binary.LittleEndian.Uint32(buf[18:])), int64(binary.LittleEndian.Uint32(buf[22:]))
	described := e.flags&flagDescriptor != 0 && (packed == 0 && size == 0 || packed == max32 && size == max32)
	if !described && (!agrees(packed, e.packed, max32) || !agrees(size, e.size, max32)) {
		differs = true
	}
	if differs {
		return invalid("the header of the record %q and the directory of the archive contradict each other", quote(e.name))
	}
	e.data = e.header + int64(len(buf)) + int64(u16(28))
	e.nextEnd = e.data + e.size
	if e.nextEnd > limit {
		return invalid("the record %q of the archive lies beyond its directory", quote(e.name))
	}
	if e.flags&flagDescriptor != 0 {
		return e.readDescriptor(r, limit)
	}
	return nil
}

// readDescriptor checks the sizes after the bytes, in 32 or 64 bits, of a record whose header does not have them.
func (e *entry) readDescriptor(r io.ReaderAt, limit int64) error {
	buf := make([]byte, min(24, limit-e.nextEnd))
	if _, err := r.ReadAt(buf, e.nextEnd); err != nil {
		return cut("the sizes of the record %q: %w", quote(e.name), err)
	}
	u32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(buf[at:])) }
	signed := len(buf) >= 16 && u32(0) == descriptorSignature
	switch {
	case signed && u32(8) == e.size && u32(12) == e.size && e.size < max32:
		e.nextEnd += 16
	case signed && len(buf) == 24 && binary.LittleEndian.Uint64(buf[8:]) == uint64(e.size) &&
		binary.LittleEndian.Uint64(buf[16:]) == uint64(e.size):
		e.nextEnd += 24
	default:
		return invalid("the sizes after the record %q and the directory of the archive contradict each other", quote(e.name))
	}
	return nil
}

// folderOf finds the folder that all of an archive's records lie in: that of data.pkl. There must be one.
func folderOf(records map[string]*entry) (string, error) {
	var found []string
	for name := range records {
		dir, base, ok := strings.Cut(name, "/")
		if ok && base == "data.pkl" {
			found = append(found, dir)
		}
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return "", unsupported("it is a zip archive without a data.pkl, so torch.save did not write it")
	case 1:
		return found[0] + "/", nil
	}
	return "", invalid("the archive has several data.pkl, in %q and %q", quote(found[0]), quote(found[1]))
}
