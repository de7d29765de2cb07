package syntax

// Skip is the offset after the string, character literal or comment that begins at src[pos], or after the one byte
// there if none does. It lets a reader of another language walk over embedded C# without parsing it.
func Skip(src string, pos int) int { return skipLexeme(src, pos, 0) }
