package torch

// The opcodes of pickles (Python, Lib/pickletools.py).
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opFloat          = 'G'
	opInt4           = 'J'
	opInt1           = 'K'
	opInt2           = 'M'
	opNone           = 'N'
	opPersistentText = 'P'
	opPersistent     = 'Q'
	opReduce         = 'R'
	opString4        = 'T'
	opString1        = 'U'
	opUnicode4       = 'X'
	opBytes4         = 'B'
	opBytes1         = 'C'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opAppends        = 'e'
	opGet1           = 'h'
	opGet4           = 'j'
	opInst           = 'i'
	opObj            = 'o'
	opPut1           = 'q'
	opPut4           = 'r'
	opSetItem        = 's'
	opSetItems       = 'u'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opEmptyList      = ']'
	opEmptyDict      = '}'
	opProto          = 0x80
	opNewObj         = 0x81
	opExt1           = 0x82
	opExt2           = 0x83
	opExt4           = 0x84
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opTrue           = 0x88
	opFalse          = 0x89
	opLong1          = 0x8a
	opLong4          = 0x8b
	opUnicode1       = 0x8c
	opUnicode8       = 0x8d
	opBytes8         = 0x8e
	opNewObjEx       = 0x92
	opStackGlobal    = 0x93
	opMemoize        = 0x94
	opFrame          = 0x95
	opByteArray8     = 0x96
)

// sizeOf is the bytes of the number after an opcode that has one.
var sizeOf = [256]int64{
	opInt1: 1, opInt2: 2, opInt4: 4, opString1: 1, opString4: 4, opUnicode1: 1, opUnicode4: 4, opUnicode8: 8,
	opBytes1: 1, opBytes4: 4, opBytes8: 8, opByteArray8: 8, opGet1: 1, opGet4: 4, opPut1: 1, opPut4: 4,
	opLong1: 1, opLong4: 4,
}
