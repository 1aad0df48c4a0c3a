// The module in which what quicktype generated for Go is compiled, with roundtrip.go; it needs the standard library only.
module clientevent

go 1.18
