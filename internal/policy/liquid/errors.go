package liquid

import "errors"

// Guard calls f, which reads a body or objects of C#, and makes an error of what that throws.
func Guard(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			_, message, ok := exception(p)
			if !ok {
				panic(p)
			}
			err = errors.New(message)
		}
	}()
	f()
	return nil
}
