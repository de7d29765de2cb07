package exprctx

// ParseJwt reads a token in compact form as AsJwt does, for a policy that has verified it; nil if it is none.
func ParseJwt(s string) *Jwt { return parseJwt(s) }
