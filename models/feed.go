package models

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// role is what a graph input wants to be fed.
type role int

const (
	roleIDs       role = iota // token ids, batch x seq
	roleMask                  // attention mask, batch x seq
	roleTypeIDs               // token type (segment) ids, batch x seq
	rolePositions             // position ids, batch x seq
	rolePast                  // past key or value, empty: batch x heads x 0 x head size
	roleCacheFlag             // optimum's use_cache_branch: false
	rolePixels                // pixel values, batch x channels x height x width
	roleTask                  // which of several adapters runs: one number
	roleUnread                // what no node reads: zeros
)

// feed is a graph input with its role.
type feed struct {
	info tensor.Info
	role role
}

// feeds is what a graph asks for, resolved once.
type feeds struct {
	all []feed
	// text and image say whether the graph takes token ids, pixels.
	text, image bool
	// mask reports that the graph is told which tokens are padding.
	mask bool
	// batch and seq are the fixed sizes of the token inputs, 0 where they are dynamic.
	batch, seq int
	// pixelShape is channels, height, width as the graph declares them, 0 where dynamic.
	pixelShape [3]int
	// declaredSide is the side of an image as config.json declares it, 0 where it does not.
	declaredSide int
	// pixelBatch is the fixed batch of the pixel input, 0 where it is dynamic.
	pixelBatch int
	// task is the number that a task input is fed.
	task int64
	// notes are what a reader of the report should know of what is fed.
	notes []string
}

// byName are the names under which exporters (transformers.onnx, optimum, sentence-transformers, Keras) know an input.
// A name outside the list is given a role by its type and rank.
var byName = map[string]role{
	"input_ids": roleIDs, "input_word_ids": roleIDs, "ids": roleIDs, "tokens": roleIDs,
	"attention_mask": roleMask, "input_mask": roleMask, "mask": roleMask,
	"token_type_ids": roleTypeIDs, "segment_ids": roleTypeIDs, "input_type_ids": roleTypeIDs, "type_ids": roleTypeIDs,
	"position_ids":     rolePositions,
	"use_cache_branch": roleCacheFlag,
	"pixel_values":     rolePixels,
}

// resolveFeeds gives each input of a graph its role. A graph that takes neither token ids nor pixels is an *failure.Error
// of KindNoTextOrImage; an input that no role fits is one of KindUnsupportedModel that names it.
func resolveFeeds(inputs []tensor.Info, head *onnx.Head, tasks tasks) (*feeds, error) {
	f := &feeds{}
	taken := map[role]bool{}
	var unnamed []tensor.Info
	for _, in := range inputs {
		r, ok := namedRole(in)
		if !ok {
			unnamed = append(unnamed, in)
			continue
		}
		taken[r] = true
		f.all = append(f.all, feed{in, r})
	}
	var left []tensor.Info
	for _, in := range unnamed {
		r, ok := shapedRole(in, taken)
		switch {
		case head != nil && !head.Reads(in.Name):
			r, ok = roleUnread, true
		case isTask(in):
			r, ok = roleTask, true
			f.chooseTask(in, tasks)
		}
		if !ok {
			left = append(left, in)
			continue
		}
		taken[r] = true
		f.all = append(f.all, feed{in, r})
	}
	f.text, f.image, f.mask = taken[roleIDs], taken[rolePixels], taken[roleMask]
	if !f.text && !f.image {
		return nil, failure.Errorf(failure.StageInference, failure.KindNoTextOrImage,
			"expected a graph that takes token ids or pixel values, found inputs %s: probe measures models of text and images",
			describe(inputs))
	}
	if len(left) > 0 {
		return nil, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
			"probe does not know what to feed the graph's input %s", describe(left))
	}
	return f, f.sizes()
}

// idsName is the input of token ids, "" where there is none.
func (f *feeds) idsName() string { return f.nameOf(roleIDs) }

// nameOf is the input of a role, "" if there is none.
func (f *feeds) nameOf(r role) string {
	for _, in := range f.all {
		if in.role == r {
			return in.info.Name
		}
	}
	return ""
}

func namedRole(in tensor.Info) (role, bool) {
	name := strings.ToLower(in.Name)
	name = strings.TrimSuffix(name, ":0") // TensorFlow's suffix
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	r, ok := byName[name]
	if !ok && strings.HasPrefix(name, "past_key_values.") {
		return rolePast, true
	}
	return r, ok && fits(in, r)
}

// fits reports whether an input's declared type and rank allow the role that its name suggests.
func fits(in tensor.Info, r role) bool {
	switch r {
	case rolePixels:
		return in.DType.Float() && (in.Shape == nil || len(in.Shape) == 4)
	case roleCacheFlag:
		return in.DType == tensor.Bool
	case roleMask:
		return in.Shape == nil || len(in.Shape) == 2
	}
	return integer(in.DType) && (in.Shape == nil || len(in.Shape) == 2)
}

func integer(d tensor.DType) bool { return d == tensor.Int64 || d == tensor.Int32 }

// shapedRole gives a role to an input whose name says nothing ("input", "input.1", "args_0"). Exporters that lose the
// names keep the order of BERT's forward: ids, mask, token types.
func shapedRole(in tensor.Info, taken map[role]bool) (role, bool) {
	switch {
	case integer(in.DType) && len(in.Shape) == 2:
		for _, r := range []role{roleIDs, roleMask, roleTypeIDs} {
			if !taken[r] {
				return r, true
			}
		}
	case in.DType.Float() && len(in.Shape) == 4 && !taken[rolePixels] && !taken[roleIDs]:
		return rolePixels, true
	}
	return 0, false
}

// sizes reads the fixed dimensions off the declared shapes; inputs that contradict each other are an error.
func (f *feeds) sizes() error {
	agree := func(have *int, dim int64, name string) error {
		if dim <= 0 {
			return nil
		}
		if dim > 1<<20 {
			return failure.Errorf(failure.StageInference, failure.KindTooLarge,
				"input %s: expected a fixed size of at most %d, found %d", name, 1<<20, dim)
		}
		if *have != 0 && *have != int(dim) {
			return failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
				"input %s: expected the fixed size %d that another input has, found %d", name, *have, dim)
		}
		*have = int(dim)
		return nil
	}
	for _, in := range f.all {
		s := in.info.Shape
		switch in.role {
		case roleIDs, roleMask, roleTypeIDs, rolePositions:
			if len(s) != 2 {
				continue
			}
			if err := agree(&f.batch, s[0], in.info.Name); err != nil {
				return err
			}
			if err := agree(&f.seq, s[1], in.info.Name); err != nil {
				return err
			}
		case rolePixels:
			if len(s) != 4 {
				continue
			}
			if err := agree(&f.pixelBatch, s[0], in.info.Name); err != nil {
				return err
			}
			for i := range f.pixelShape {
				if err := agree(&f.pixelShape[i], s[i+1], in.info.Name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func describe(inputs []tensor.Info) string {
	parts := make([]string, len(inputs))
	for i, in := range inputs {
		dims := make([]string, len(in.Shape))
		for j, d := range in.Shape {
			dims[j] = "?"
			if d >= 0 {
				dims[j] = fmt.Sprint(d)
			}
		}
		parts[i] = fmt.Sprintf("%q (%s, %s)", in.Name, in.DType, strings.Join(dims, " x "))
	}
	return strings.Join(parts, ", ")
}
