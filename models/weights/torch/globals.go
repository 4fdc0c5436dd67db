package torch

import "strings"

// The only names that a pickle may mention, next to the classes of storages. None is ever called: REDUCE compares the
// name and makes a value of this package's own.
var (
	orderedDict      = global{"collections", "OrderedDict"}
	rebuildTensor    = global{"torch._utils", "_rebuild_tensor"} // before torch 0.4
	rebuildTensorV2  = global{"torch._utils", "_rebuild_tensor_v2"}
	rebuildParameter = global{"torch._utils", "_rebuild_parameter"}
	torchSize        = global{"torch", "Size"}
)

var calls = map[global]func(args tuple) (any, error){
	orderedDict: makeDict, rebuildTensor: makeTensor, rebuildTensorV2: makeTensor, rebuildParameter: makeParameter,
	torchSize: makeSize,
}

// object follows the opcodes that name something in Python, or would make something of it.
func (m *machine) object(op byte) (bool, error) {
	switch op {
	case opGlobal:
		module, err := m.in.line()
		if err != nil {
			return true, err
		}
		name, err := m.in.line()
		if err != nil {
			return true, err
		}
		return true, m.name(module, name)
	case opStackGlobal:
		names, err := m.popN(2)
		if err != nil {
			return true, err
		}
		module, isText := names[0].(string)
		name, isText2 := names[1].(string)
		if !isText || !isText2 {
			return true, invalid("the pickle names a global by what is not text")
		}
		return true, m.name(module, name)
	case opReduce:
		return true, m.reduce()
	case opBuild:
		return true, m.build()
	case opPersistent:
		return true, m.persist()
	case opPersistentText, opInst, opObj, opNewObj, opNewObjEx, opExt1, opExt2, opExt4:
		return true, m.refuseObject(op)
	}
	return false, nil
}

// name pushes a global if it is a known one.
func (m *machine) name(module, name string) error {
	g := global{module, name}
	if _, ok := calls[g]; ok {
		return m.push(g)
	}
	if _, ok := storageTypes[name]; ok && module == "torch" {
		return m.push(g)
	}
	return refuseName(module, name)
}

func refuseName(module, name string) error {
	full := quote(module + "." + name)
	switch {
	case strings.HasPrefix(name, "_rebuild_sparse"):
		return unsupported("it holds a sparse tensor (%s); only dense ones are read", full)
	case strings.HasPrefix(name, "_rebuild_qtensor"), module == "torch" && strings.HasPrefix(name, "Q"):
		return unsupported("it holds a quantized tensor (%s); only plain ones are read", full)
	case name == "_rebuild_tensor_v3":
		return unsupported("it holds a tensor of a type that is not read, such as float8 or uint16 (%s)", full)
	case strings.HasPrefix(module, "torch.nn."), module == "__main__":
		return unsupported("it holds a whole module (%s) and not its weights alone, so only the code of its class could load "+
			"it; in Python, save model.state_dict()", full)
	case module == "torch" && strings.HasSuffix(name, "Storage"), module == "torch.storage":
		return unsupported("it holds a storage of the class %q, whose type is not read", full)
	}
	return unsupported("its pickle names %q, which weights do not need; nothing was run. Take the model's safetensors, or a file "+
		"that holds model.state_dict() alone", full)
}

// refuseObject says which way of making an object the pickle tried.
func (m *machine) refuseObject(op byte) error {
	switch op {
	case opInst:
		module, err := m.in.line()
		if err != nil {
			return err
		}
		name, err := m.in.line()
		if err != nil {
			return err
		}
		return unsupported("its pickle makes an instance of %q (INST); nothing was run", quote(module+"."+name))
	case opExt1, opExt2, opExt4:
		return unsupported("its pickle takes a name from Python's extension registry (EXT); nothing was run")
	case opPersistentText:
		return unsupported("its pickle has a persistent id of protocol 0, which torch.save does not write")
	}
	return unsupported("its pickle makes an object of a class (NEWOBJ); nothing was run")
}

// reduce stands for calling a name with a tuple of arguments.
func (m *machine) reduce() error {
	values, err := m.popN(2)
	if err != nil {
		return err
	}
	g, isName := values[0].(global)
	args, isTuple := values[1].(tuple)
	call, known := calls[g]
	if !isName || !isTuple || !known {
		return unsupported("its pickle calls what is not one of the functions that make tensors (REDUCE); nothing was run")
	}
	v, err := call(args)
	return m.pushed(v, err)
}

// build would set attributes of an object: torch.save writes one, _metadata of a state dict, which no weight needs.
func (m *machine) build() error {
	values, err := m.popN(2)
	if err != nil {
		return err
	}
	if d, ok := values[0].(*dict); !ok || !d.ordered {
		return unsupported("its pickle sets the state of an object (BUILD); nothing was run")
	}
	return m.push(values[0])
}

func (m *machine) persist() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	id, ok := v.(tuple)
	if !ok || len(id) == 0 {
		return invalid("the pickle has a persistent id that is not a tuple")
	}
	switch kind, _ := id[0].(string); kind {
	case "storage":
	case "module":
		return unsupported("it holds a whole module with its source code, which is never run; in Python, save model.state_dict()")
	default:
		return invalid("the pickle has a persistent id of the kind %q; expected a storage", quote(kind))
	}
	if m.persistent == nil {
		return invalid("the pickle has a storage where none may be")
	}
	s, err := m.persistent(id)
	return m.pushed(s, err)
}

// makeDict is OrderedDict(), or as Python 2 writes it OrderedDict([[key, value], ...]).
func makeDict(args tuple) (any, error) {
	d := &dict{ordered: true}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list)
	if !ok || len(args) != 1 {
		return nil, invalid("the pickle makes an OrderedDict of what is not a list of pairs")
	}
	for _, item := range pairs.items {
		var two []any
		switch p := item.(type) {
		case *list:
			two = p.items
		case tuple:
			two = p
		}
		if len(two) != 2 {
			return nil, invalid("the pickle makes an OrderedDict of what is not a list of pairs")
		}
		d.pairs = append(d.pairs, pair{two[0], two[1]})
	}
	return d, nil
}

// makeParameter is the parameter's tensor: (tensor, requires_grad, hooks).
func makeParameter(args tuple) (any, error) {
	if len(args) > 0 {
		if t, ok := args[0].(*tensorValue); ok {
			return t, nil
		}
	}
	return nil, invalid("the pickle has a parameter without a tensor")
}

// makeSize is torch.Size((2, 3)): the tuple.
func makeSize(args tuple) (any, error) {
	if len(args) == 1 {
		if t, ok := args[0].(tuple); ok {
			return t, nil
		}
	}
	return nil, invalid("the pickle has a torch.Size that is not one tuple")
}
