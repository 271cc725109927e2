/// The kinds of value JSON has; the two booleans count apart, as their octets do.
public enum JSONKind: Sendable {
    case object, array, string, number, `true`, `false`, null
}
