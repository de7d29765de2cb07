package format

import "strconv"

// round cuts the digits to pos places, half up unless the number has been rounded correctly already.
func (n *Number) round(pos int, exact bool) {
	i := 0
	for i < pos && i < len(n.Digits) {
		i++
	}
	if i == pos && i < len(n.Digits) && !exact && n.Digits[i] >= '5' {
		for i > 0 && n.Digits[i-1] == '9' {
			i--
		}
		if i > 0 {
			n.Digits[i-1]++
		} else {
			n.Scale++
			n.Digits[0] = '1'
			i = 1
		}
	} else {
		for i > 0 && n.Digits[i-1] == '0' {
			i--
		}
	}
	if i == 0 {
		n.zero()
	}
	n.Digits = n.Digits[:i]
}

// zero makes the number zero; only floating-point ones keep their sign.
func (n *Number) zero() {
	n.Neg = n.Neg && n.Kind == Float
	n.Scale = 0
}

// format writes the number by a standard format (its letter and precision) or, where spec is 0, by the custom one.
func (n *Number) format(spec byte, precision int, custom string) (string, bool) {
	b := make([]byte, 0, 32)
	exact := n.Kind == Float
	switch spec {
	case 0:
		return n.custom(custom), true
	case 'C', 'c':
		precision = defaultTo(precision, 2)
		n.round(n.Scale+precision, exact)
		b = n.fixed(append(b, '$'), precision, true)
		if n.Neg {
			return "(" + string(b) + ")", true
		}
		return string(b), true
	case 'F', 'f', 'N', 'n':
		precision = defaultTo(precision, 2)
		n.round(n.Scale+precision, exact)
		return string(n.fixed(n.sign(b), precision, spec|0x20 == 'n')), true
	case 'P', 'p':
		precision = defaultTo(precision, 2)
		if len(n.Digits) > 0 {
			n.Scale += 2
		}
		n.round(n.Scale+precision, exact)
		return string(append(n.fixed(n.sign(b), precision, true), '%')), true
	case 'E', 'e':
		precision = defaultTo(precision, 6) + 1
		n.round(precision, exact)
		return string(n.scientific(n.sign(b), precision, spec)), true
	case 'G', 'g':
		if precision < 1 {
			precision = len(n.Digits)
		}
		n.round(precision, exact)
		return string(n.general(n.sign(b), precision, spec-'G'+'E')), true
	}
	return "", false
}

func (n *Number) sign(b []byte) []byte {
	if n.Neg {
		return append(b, '-')
	}
	return b
}

// fixed writes digits, point and so many digits behind it.
func (n *Number) fixed(b []byte, places int, groups bool) []byte {
	next, pos := 0, n.Scale
	if pos <= 0 {
		b = append(b, '0')
	}
	for ; pos > 0; pos-- {
		b, next = n.digit(b, next)
		if groups && pos > 1 && pos%3 == 1 {
			b = append(b, ',')
		}
	}
	if places <= 0 {
		return b
	}
	b = append(b, '.')
	for ; pos < 0 && places > 0; pos, places = pos+1, places-1 {
		b = append(b, '0')
	}
	for ; places > 0; places-- {
		b, next = n.digit(b, next)
	}
	return b
}

// digit writes the digit at next, zero past the end.
func (n *Number) digit(b []byte, next int) ([]byte, int) {
	if next < len(n.Digits) {
		return append(b, n.Digits[next]), next + 1
	}
	return append(b, '0'), next
}

func (n *Number) scientific(b []byte, digits int, letter byte) []byte {
	next := 0
	b, next = n.digit(b, next)
	if digits != 1 {
		b = append(b, '.')
	}
	for ; digits > 1; digits-- {
		b, next = n.digit(b, next)
	}
	exp := 0
	if len(n.Digits) > 0 {
		exp = n.Scale - 1
	}
	return exponent(b, exp, letter, 3, true)
}

func (n *Number) general(b []byte, digits int, letter byte) []byte {
	pos, next, scientific := n.Scale, 0, false
	if pos > digits || pos < -3 {
		pos, scientific = 1, true
	}
	if pos <= 0 {
		b = append(b, '0')
	}
	for ; pos > 0; pos-- {
		b, next = n.digit(b, next)
	}
	if next < len(n.Digits) || pos < 0 {
		b = append(b, '.')
		for ; pos < 0; pos++ {
			b = append(b, '0')
		}
		b = append(b, n.Digits[min(next, len(n.Digits)):]...)
	}
	if scientific {
		b = exponent(b, n.Scale-1, letter, 2, true)
	}
	return b
}

func exponent(b []byte, value int, letter byte, least int, plus bool) []byte {
	b = append(b, letter)
	switch {
	case value < 0:
		b = append(b, '-')
		value = -value
	case plus:
		b = append(b, '+')
	}
	digits := strconv.Itoa(value)
	for n := least - len(digits); n > 0; n-- {
		b = append(b, '0')
	}
	return append(b, digits...)
}
