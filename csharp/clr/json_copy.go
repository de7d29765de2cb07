package clr

import "github.com/postern-gateway/postern/csharp/types"

// Copy is a deep copy that shares nothing that can be changed with j: it has no parent and no annotations.
func (j *JToken) Copy() *JToken {
	c := j.clone()
	c.detach()
	return c
}

// detach gives the tokens of a copied tree their own of what clone shares.
func (j *JToken) detach() {
	j.notes = nil
	if b, ok := j.value.(*types.Bytes); ok {
		j.value = &types.Bytes{B: append([]byte(nil), b.B...)}
	}
	for _, x := range j.items {
		x.detach()
	}
}

// tokenBytes is about what a token takes in memory beside its text.
const tokenBytes = 160

// Weight is about how many bytes the tree takes in memory.
func (j *JToken) Weight() int64 {
	n := int64(tokenBytes)
	if j.name != nil {
		n += int64(len(j.name.Go()))
	}
	switch v := j.value.(type) {
	case *types.String:
		n += int64(len(v.Go()))
	case *types.Bytes:
		n += int64(len(v.B))
	}
	for _, x := range j.items {
		n += x.Weight()
	}
	return n
}
