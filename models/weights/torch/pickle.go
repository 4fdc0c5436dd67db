package torch

import "slices"

const (
	// maxStack bounds the values that wait to be used: Python writes the members of containers by the thousand.
	maxStack = 1 << 16
	// maxMarks bounds how deep containers nest, maxMemo the values that are remembered.
	maxMarks = 256
	maxMemo  = 1 << 18
)

// machine follows one pickle. Its values are nil, bool, int64, float64, string, opaque, global, tuple, *list, *dict,
// *storage and *tensorValue; there are no others, so nothing else can be made.
type machine struct {
	in    *input
	stack []any
	marks []int
	memo  []any
	// persistent resolves a persistent id: a storage.
	persistent func(id tuple) (*storage, error)
}

type (
	// opaque is a value that no tensor needs: bytes, a number beyond 64 bits.
	opaque struct{}
	global struct{ module, name string }
	tuple  []any
	list   struct{ items []any }
	// dict is a dict or an OrderedDict, its pairs in the order of the file.
	dict struct {
		pairs   []pair
		ordered bool
	}
	pair struct{ key, value any }
)

// run follows the opcodes up to STOP and returns the value.
func (m *machine) run() (any, error) {
	if op, err := m.in.byte(); err != nil {
		return nil, err
	} else if op != opProto {
		return nil, unsupported("it begins with the byte %#02x, not with a pickle of protocol 2 to 5 as torch.save writes", op)
	}
	if version, err := m.in.uint(1); err != nil {
		return nil, err
	} else if version < 2 || version > 5 {
		return nil, unsupported("a pickle of protocol %d; protocols 2 to 5 are read", version)
	}
	for range MaxOpcodes {
		op, err := m.in.byte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return m.pop()
		}
		if err := m.step(op); err != nil {
			return nil, err
		}
	}
	return nil, tooLarge("the pickle has more than the %d opcodes that are followed", MaxOpcodes)
}

// step follows one opcode. They are looked for by kind: constants, containers, the memo, names and what is called.
func (m *machine) step(op byte) error {
	known, err := m.constant(op)
	if !known {
		known, err = m.sized(op)
	}
	if !known {
		known, err = m.container(op)
	}
	if !known {
		known, err = m.remember(op)
	}
	if !known {
		known, err = m.object(op)
	}
	if !known {
		return unsupported("the pickle has the opcode %#02x, which torch.save does not write", op)
	}
	return err
}

// constant pushes what the opcode says by itself.
func (m *machine) constant(op byte) (bool, error) {
	switch op {
	case opNone:
		return true, m.push(nil)
	case opTrue, opFalse:
		return true, m.push(op == opTrue)
	case opFloat:
		_, err := m.in.take(8, "a number")
		return true, m.pushed(opaque{}, err)
	case opFrame:
		n, err := m.in.uint(8)
		if err == nil && n > m.in.end-m.in.pos {
			err = m.in.ended("a frame of %d bytes", n)
		}
		return true, err
	case opLong1, opLong4:
		return true, m.long(op)
	}
	return false, nil
}

func (m *machine) long(op byte) error {
	n, err := m.in.uint(sizeOf[op])
	if err != nil {
		return err
	}
	if op == opLong4 {
		n = int64(int32(n))
	}
	b, err := m.in.take(n, "an integer")
	if err != nil {
		return err
	}
	if len(b) > 8 {
		return m.push(opaque{})
	}
	return m.push(signed(b))
}

// sized pushes a number or text whose opcode is followed by its size.
func (m *machine) sized(op byte) (bool, error) {
	size := sizeOf[op]
	switch op {
	case opInt1, opInt2, opInt4:
		n, err := m.in.uint(size)
		if op == opInt4 {
			n = int64(int32(n))
		}
		return true, m.pushed(n, err)
	case opString1, opString4: // Python 2's str, which a pickle in protocol 2 may have for names
		s, err := m.in.text(size, byteString)
		return true, m.pushed(s, err)
	case opUnicode1, opUnicode4, opUnicode8:
		s, err := m.in.text(size, "a string")
		return true, m.pushed(s, err)
	case opBytes1, opBytes4, opBytes8, opByteArray8:
		n, err := m.in.uint(size)
		if err == nil {
			_, err = m.in.take(n, "bytes")
		}
		return true, m.pushed(opaque{}, err)
	}
	return false, nil
}

// container makes tuples, lists and dicts, and fills them.
func (m *machine) container(op byte) (bool, error) {
	switch op {
	case opMark:
		if len(m.marks) == maxMarks {
			return true, tooLarge("the pickle has more than %d marks open at once", maxMarks)
		}
		m.marks = append(m.marks, len(m.stack))
	case opPop:
		if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
			m.marks = m.marks[:n-1]
			return true, nil
		}
		_, err := m.pop()
		return true, err
	case opPopMark:
		_, err := m.toMark()
		return true, err
	case opEmptyTuple:
		return true, m.push(tuple{})
	case opTuple1, opTuple2, opTuple3:
		items, err := m.popN(int(op-opTuple1) + 1)
		return true, m.pushed(tuple(slices.Clone(items)), err)
	case opTuple:
		items, err := m.toMark()
		return true, m.pushed(tuple(slices.Clone(items)), err)
	case opEmptyList:
		return true, m.push(&list{})
	case opEmptyDict:
		return true, m.push(&dict{})
	case opAppend, opAppends, opSetItem, opSetItems:
		return true, m.fill(op)
	default:
		return false, nil
	}
	return true, nil
}

// fill adds the members on top of the stack to the list or dict below them.
func (m *machine) fill(op byte) error {
	var items []any
	var err error
	switch op {
	case opAppend:
		items, err = m.popN(1)
	case opSetItem:
		items, err = m.popN(2)
	default:
		items, err = m.toMark()
	}
	if err != nil {
		return err
	}
	into, err := m.top()
	if err != nil {
		return err
	}
	if op == opAppend || op == opAppends {
		l, ok := into.(*list)
		if !ok {
			return invalid("the pickle appends to what is not a list")
		}
		l.items = append(l.items, items...)
		return nil
	}
	d, ok := into.(*dict)
	if !ok || len(items)%2 != 0 {
		return invalid("the pickle sets items of what is not a dict, or a key without a value")
	}
	for i := 0; i < len(items); i += 2 {
		d.pairs = append(d.pairs, pair{items[i], items[i+1]})
	}
	return nil
}

// remember puts values into the memo and takes them from it.
func (m *machine) remember(op byte) (bool, error) {
	switch op {
	case opGet1, opGet4:
		i, err := m.in.uint(sizeOf[op])
		if err != nil {
			return true, err
		}
		if i >= int64(len(m.memo)) || m.memo[i] == nil {
			return true, invalid("the pickle takes value %d from its memo, which does not have it", i)
		}
		v := m.memo[i]
		if v == (remembered{}) {
			v = nil
		}
		return true, m.push(v)
	case opPut1, opPut4:
		i, err := m.in.uint(sizeOf[op])
		if err != nil {
			return true, err
		}
		return true, m.put(i)
	case opMemoize:
		return true, m.put(int64(len(m.memo)))
	}
	return false, nil
}

// remembered stands in the memo for None, to tell it from a place that is empty.
type remembered struct{}

func (m *machine) put(i int64) error {
	if i >= maxMemo {
		return tooLarge("the pickle remembers a value as number %d; the memo has at most %d", i, maxMemo)
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	if grow := int(i) + 1 - len(m.memo); grow > 0 {
		m.memo = append(m.memo, make([]any, grow)...)
	}
	if v == nil {
		v = remembered{}
	}
	m.memo[i] = v
	return nil
}

func (m *machine) push(v any) error {
	if len(m.stack) == maxStack {
		return tooLarge("the pickle has more than %d values on its stack", maxStack)
	}
	m.stack = append(m.stack, v)
	return nil
}

// pushed pushes a value that was read without an error.
func (m *machine) pushed(v any, err error) error {
	if err != nil {
		return err
	}
	return m.push(v)
}

// floor is the part of the stack that the last mark protects.
func (m *machine) floor() int {
	if n := len(m.marks); n > 0 {
		return m.marks[n-1]
	}
	return 0
}

var errEmpty = invalid("the pickle takes a value that is not on its stack")

func (m *machine) top() (any, error) {
	if len(m.stack) == m.floor() {
		return nil, errEmpty
	}
	return m.stack[len(m.stack)-1], nil
}

func (m *machine) pop() (any, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

// popN takes n values, in the order in which they were pushed. They stay valid until the next push.
func (m *machine) popN(n int) ([]any, error) {
	at := len(m.stack) - n
	if at < m.floor() {
		return nil, errEmpty
	}
	items := m.stack[at:]
	m.stack = m.stack[:at]
	return items, nil
}

// toMark takes the values after the last mark, and the mark.
func (m *machine) toMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, invalid("the pickle ends a container that it did not begin")
	}
	items, err := m.popN(len(m.stack) - m.floor())
	m.marks = m.marks[:len(m.marks)-1]
	return items, err
}
