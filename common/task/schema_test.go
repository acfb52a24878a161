package task

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type schemaMap = map[string]any

func readSchema(t *testing.T) schemaMap {
	t.Helper()
	var s schemaMap
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Each struct of the format has a definition of its name with the same keys,
// so that neither can gain or lose one alone.
func TestSchemaHasTheKeysOfTheStructs(t *testing.T) {
	definitions := readSchema(t)["definitions"].(schemaMap)
	checked := map[string]bool{}
	var check func(v reflect.Type)
	check = func(v reflect.Type) {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || v == reflect.TypeFor[Offset]() || checked[v.Name()] {
			return
		}
		name := v.Name()
		checked[name] = true
		definition, found := definitions[name].(schemaMap)
		if !found {
			t.Errorf("got no definition %s, want one", name)
			return
		}
		if definition["additionalProperties"] != false {
			t.Errorf("got a definition %s that allows unknown keys, want additionalProperties false", name)
		}
		var want []string
		for f := range v.Fields() {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			want = append(want, key)
			check(f.Type)
		}
		slices.Sort(want)
		got := slices.Sorted(maps.Keys(definition["properties"].(schemaMap)))
		if !slices.Equal(got, want) {
			t.Errorf("got keys %v of %s, want %v", got, name, want)
		}
	}
	check(reflect.TypeFor[Task]())
	check(reflect.TypeFor[Project]())
	if len(checked) < 17 {
		t.Errorf("got %d structs checked, want all", len(checked))
	}
}

// The decoder has no list of its keys outside of its code: an unknown key makes
// it name them, and a document of every key must have no unknown one.
func TestDecoderKnowsTheSchemasKeys(t *testing.T) {
	schema := readSchema(t)
	for _, kind := range []string{KindTask, KindProject} {
		doc := example(schema, schema["definitions"].(schemaMap)[kind].(schemaMap)).(schemaMap)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, findings := Parse("all.json", data); len(findings) > 0 {
			t.Errorf("got findings about a %s with every key of the schema:\n%swant none", kind, text(findings))
		}
	}
}

func resolve(schema, s schemaMap) schemaMap {
	if ref, ok := s["$ref"].(string); ok {
		return schema["definitions"].(schemaMap)[strings.TrimPrefix(ref, "#/definitions/")].(schemaMap)
	}
	return s
}

// example makes a value of the schema with every key there is.
func example(schema, s schemaMap) any {
	s = resolve(schema, s)
	if words, ok := s["enum"].([]any); ok {
		return words[0]
	}
	if word, ok := s["const"]; ok {
		return word
	}
	switch s["type"] {
	case "object":
		m := schemaMap{}
		properties, _ := s["properties"].(schemaMap)
		for k, v := range properties {
			m[k] = example(schema, v.(schemaMap))
		}
		return m
	case "array":
		item := example(schema, s["items"].(schemaMap))
		return []any{item, item}
	case "boolean":
		return true
	case "integer", "number":
		return 0
	}
	if kinds, ok := s["type"].([]any); ok && len(kinds) == 2 {
		return 7
	}
	if pattern, _ := s["pattern"].(string); strings.Contains(pattern, "ns|us") {
		return "30s"
	}
	return "text"
}

func TestSchemaAndDecoderHaveTheSameWords(t *testing.T) {
	definitions := readSchema(t)["definitions"].(schemaMap)
	enum := func(definition, key string) []string {
		s := definitions[definition].(schemaMap)
		if key != "" {
			s = s["properties"].(schemaMap)[key].(schemaMap)
		}
		var words []string
		for _, w := range s["enum"].([]any) {
			words = append(words, w.(string))
		}
		return words
	}
	for place, want := range map[[2]string][]string{
		{"Spec", "period"}: periodWords(), {"Workers", "policy"}: policyWords(), {"Ready", ""}: readyWords(),
		{"Input", "window"}: windowWords(), {"Spec", "success"}: successWords(), {"Quality", "onSilence"}: silenceWords(),
		{"Spec", "onWorkerLost"}: lostWords(), {"Run", "type"}: typeWords(),
	} {
		if got := enum(place[0], place[1]); !slices.Equal(got, want) {
			t.Errorf("got words %v of %v, want %v", got, place, want)
		}
	}
}

func TestSchemaNamesTheDefaults(t *testing.T) {
	data, err := json.Marshal(defaults().Spec)
	if err != nil {
		t.Fatal(err)
	}
	var spec schemaMap
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	schema := readSchema(t)
	compareDefaults(t, schema, schema["definitions"].(schemaMap)["Spec"].(schemaMap), spec, "spec")
}

func compareDefaults(t *testing.T, schema, s, value schemaMap, where string) {
	t.Helper()
	for key, property := range s["properties"].(schemaMap) {
		p := property.(schemaMap)
		if want, has := p["default"]; has && fmt.Sprint(value[key]) != fmt.Sprint(want) && (want != false || value[key] != nil) {
			t.Errorf("got default %v of %s.%s, want the schema's %v", value[key], where, key, want)
		}
		below, isMap := value[key].(schemaMap)
		if r := resolve(schema, p); isMap && r["properties"] != nil {
			compareDefaults(t, schema, r, below, where+"."+key)
		}
	}
}

func TestGoodFilesSatisfyTheSchema(t *testing.T) {
	schema := readSchema(t)
	files, err := filepath.Glob("../../examples/*/tasks/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d examples (%v), want some", len(files), err)
	}
	for _, file := range append(files, "testdata/good/full.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "@WEBLOG_URL@", "file:///warehouse") // one example is a template
		for _, doc := range load(t, file, text) {
			kind := KindTask
			if doc.Project != nil {
				kind = KindProject
			}
			if problem := violates(schema, schema["definitions"].(schemaMap)[kind].(schemaMap), plain(doc.root)); problem != "" {
				t.Errorf("got %s:%d: %s, want a valid document", file, doc.Line, problem)
			}
		}
	}
}

// plain is a node as encoding/json would have it.
func plain(n *node) any {
	var v any
	switch n.shape {
	case shapeText:
		return n.text
	case shapeMap:
		m := schemaMap{}
		for _, k := range n.keys {
			m[k.name] = plain(k.value)
		}
		return m
	case shapeList:
		list := []any{}
		for _, item := range n.items {
			list = append(list, plain(item))
		}
		return list
	case shapeNull, shapeFlag, shapeInteger, shapeDecimal:
		_ = json.Unmarshal([]byte(n.text), &v) // null stays nil
	}
	return v
}

// violates checks the part of JSON Schema that the format uses.
func violates(schema, s schemaMap, v any) string {
	s = resolve(schema, s)
	if words, ok := s["enum"].([]any); ok && !slices.Contains(words, v) {
		return fmt.Sprintf("%v is none of %v", v, words)
	}
	switch x := v.(type) {
	case schemaMap:
		return violatesMap(schema, s, x)
	case []any:
		for _, item := range x {
			if problem := violates(schema, s["items"].(schemaMap), item); problem != "" {
				return problem
			}
		}
	case string:
		if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(x) {
			return fmt.Sprintf("%q does not match %s", x, pattern)
		}
	case float64:
		if low, ok := s["minimum"].(float64); ok && x < low {
			return fmt.Sprintf("%v is less than %v", x, low)
		}
	}
	return ""
}

func violatesMap(schema, s schemaMap, m schemaMap) string {
	properties, _ := s["properties"].(schemaMap)
	for key, value := range m {
		property, known := properties[key].(schemaMap)
		if !known && s["additionalProperties"] == false {
			return "unknown key " + key
		}
		if known {
			if problem := violates(schema, property, value); problem != "" {
				return key + ": " + problem
			}
		}
	}
	required, _ := s["required"].([]any)
	for _, key := range required {
		if _, has := m[key.(string)]; !has {
			return fmt.Sprintf("%v is missing", key)
		}
	}
	return ""
}
