package models

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/tensor"
)

// tasks are the adapters of a model that holds several (jina-embeddings-v3), in the order of their numbers, and the key of
// config.json that lists them.
type tasks struct {
	names []string
	key   string
}

// maxTasks is the most adapters that are read from a file.
const maxTasks = 256

// tasksOf reads config.json's list of adapters.
func tasksOf(c *card.Config) tasks {
	if c == nil {
		return tasks{}
	}
	var t tasks
	if json.Unmarshal(c.Raw["lora_adaptations"], &t.names) == nil && len(t.names) > 0 && len(t.names) <= maxTasks {
		t.key = "lora_adaptations"
		return t
	}
	// Without the list, the object of instructions has the same tasks in the same order.
	d := json.NewDecoder(bytes.NewReader(c.Raw["task_instructions"]))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return tasks{}
	}
	for d.More() && len(t.names) < maxTasks {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return tasks{}
		}
		t.names = append(t.names, fmt.Sprint(name))
	}
	t.key = "task_instructions"
	return t
}

// isTask reports whether an input is the number of a task: one integer, with the word in its name.
func isTask(in tensor.Info) bool {
	one := len(in.Shape) == 0 || len(in.Shape) == 1
	return integer(in.DType) && one && strings.Contains(strings.ToLower(in.Name), "task")
}

// symmetricTasks treat all texts alike, which is what comparing texts with each other asks for.
var symmetricTasks = []string{"text-matching", "similarity", "sts"}

// chooseTask chooses the task that is run: one for comparing texts if there is one, else the first.
func (f *feeds) chooseTask(in tensor.Info, t tasks) {
	for _, name := range symmetricTasks {
		if i := slices.Index(t.names, name); i >= 0 {
			f.task = int64(i)
			break
		}
	}
	if len(t.names) == 0 {
		f.notes = append(f.notes, fmt.Sprintf("the graph's input %s asks for a task, and no file lists any: it is fed 0", in.Name))
		return
	}
	f.notes = append(f.notes, fmt.Sprintf("the model holds several adapters: everything is measured with task %d, %s (input %s; %s in "+
		"config.json)", f.task, t.names[f.task], in.Name, t.key))
}
