/// Documents every strict reader accepts, and documents it refuses, each for the reason beside it.
enum DocumentCases {
    static let accepted: [[UInt8]] =
        texts.map { Array($0.utf8) } + [
            // One character from every row of the Unicode standard's table of well-formed UTF-8, at both ends.
            quoted([0x7F]), quoted([0xC2, 0x80]), quoted([0xDF, 0xBF]),
            quoted([0xE0, 0xA0, 0x80]), quoted([0xE0, 0xBF, 0xBF]), quoted([0xE1, 0x80, 0x80]),
            quoted([0xED, 0x9F, 0xBF]), quoted([0xEE, 0x80, 0x80]), quoted([0xEF, 0xBF, 0xBF]),
            quoted([0xEF, 0xBB, 0xBF]),  // a byte order mark is an ordinary character inside a string
            quoted([0xF0, 0x90, 0x80, 0x80]), quoted([0xF1, 0x80, 0x80, 0x80]), quoted([0xF4, 0x8F, 0xBF, 0xBF]),
            nested(512),
        ]

    private static let texts = [
        // Any value may be a document.
        "{}", "[]", "0", "-0", "7", "\"\"", "\"a\"", "true", "false", "null", " \t\r\n1\n", "[]\n",
        // Numbers.
        "[0,-1,10,1234567890]", "0.0", "-0.0", "1.5", "1e5", "1E5", "1e+5", "1e-5", "0e0", "0E+00", "1.25e007",
        "123456789012345678901234567890", "1e400", "-1.0e-400", "[0.1,-9.99e+10 ]",
        // Strings.
        #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\uABCD""#, #""\ud83d\ude00""#, #""\uD800""#, #""\uDC00\uD800x""#,
        #""\\u12""#, #""'""#, #""a/b""#, "\"\u{7F}\u{80}\u{2028}\u{10FFFF}\"", "\"汉字汉字é汉😀字x汉\"",
        "\"a text of more than sixteen plain octets, then \\n and more plain octets\"",
        // Objects and arrays.
        #"{"a":1}"#, #"{"":{}}"#, #"{"a":1,"a":2}"#, #"{"\u0061":[]}"#, "[[[[]]],{}]", "[ ]", "{ }", "[1 , 2]",
        #"{ "a" : [ { "b" : null } , true ] , "c" : "d" }"#, "\n[\r1\t,\n2 ]\r",
    ]

    static let refused: [(document: [UInt8], reason: String)] =
        refusedTexts.map { (Array($0.0.utf8), $0.1) } + [
            // Octets that no UTF-8 text has, overlong forms, surrogates, too large, cut short.
            (quoted([0x80]), "utf-8"), (quoted([0xBF, 0xBF]), "utf-8"), (quoted([0xC0, 0x80]), "utf-8"),
            (quoted([0xC1, 0xBF]), "utf-8"), (quoted([0xC2]), "utf-8"), (quoted([0xC2, 0xC2, 0x80]), "utf-8"),
            (quoted([0xE0, 0x80, 0x80]), "utf-8"), (quoted([0xE0, 0x9F, 0xBF]), "utf-8"),
            (quoted([0xE6, 0xB1]), "utf-8"), (quoted([0xE6, 0x41, 0x89]), "utf-8"),
            (quoted([0xED, 0xA0, 0x80]), "utf-8"), (quoted([0xED, 0xBF, 0xBF]), "utf-8"),
            (quoted([0xF0, 0x80, 0x80, 0x80]), "utf-8"), (quoted([0xF0, 0x8F, 0xBF, 0xBF]), "utf-8"),
            (quoted([0xF4, 0x90, 0x80, 0x80]), "utf-8"), (quoted([0xF5, 0x80, 0x80, 0x80]), "utf-8"),
            (quoted([0xF0, 0x9F, 0x98]), "utf-8"), (quoted([0xFE]), "utf-8"), (quoted([0xFF]), "utf-8"),
            ([0x22, 0xE6, 0xB1], "too early"), (quoted([0x00]), "control"), ([0x00], "value"), ([0x31, 0x00], "more"),
            // Marks and other encodings.
            ([0xEF, 0xBB, 0xBF] + "{}".utf8, "byte order mark"), ([0xFF, 0xFE, 0x5B, 0x00], "value"),
            ([0xFE, 0xFF], "value"), ([0x5B, 0xEF, 0xBB, 0xBF, 0x5D], "value"), ("[1]".utf8 + [0xC2, 0xA0], "more"),
            (nested(513), "deeply"), ([UInt8](repeating: 0x5B, count: 10_000), "deeply"),
            ([UInt8]("[{\"\":".utf8.cycled(400)), "deeply"),
        ]

    private static let refusedTexts = [
        ("", "too early"), (" \n", "too early"), ("[", "too early"), ("{", "too early"), ("\"", "too early"),
        ("\"a", "too early"), ("\"\\", "too early"), ("\"\\u00", "too early"), ("-", "too early"), ("1.", "too early"),
        ("1e", "too early"), ("1e+", "too early"), ("tru", "too early"), ("[1", "too early"), ("[1,", "too early"),
        (#"{"a""#, "too early"), (#"{"a":"#, "too early"), (#"{"a":1"#, "too early"), (#"{"a":1,"#, "too early"),
        ("[[]", "too early"),
        // Commas, colons and brackets.
        ("[1,]", "a value"), ("[,1]", "a value"), ("[1,,2]", "a value"), ("[,]", "a value"), (",", "a value"),
        ("]", "a value"), ("}", "a value"), (":", "a value"), ("[1 2]", "comma or the end of the array"),
        ("[1}", "comma or the end of the array"), ("[\"a\":1]", "comma or the end of the array"),
        (#"{"a":1,}"#, "member name"), (#"{,"a":1}"#, "member name"), ("{1:1}", "member name"),
        ("{a:1}", "member name"), ("{'a':1}", "member name"), (#"{"a":1,,"b":2}"#, "member name"),
        ("{]", "member name"), ("{[]:1}", "member name"), ("{null}", "member name"),
        (#"{"a"}"#, "colon"), (#"{"a" 1}"#, "colon"), (#"{"a",1}"#, "colon"), (#"{"a"="b"}"#, "colon"),
        (#"{"a":}"#, "a value"), (#"{"a"::1}"#, "a value"), (#"{"a":1 "b":2}"#, "comma or the end of the object"),
        (#"{"a":1]"#, "comma or the end of the object"), (#"{"a":1:2}"#, "comma or the end of the object"),
        ("{}}", "more"), ("[]]", "more"), ("1 2", "more"), ("[],", "more"), ("{}#", "more"), ("truefalse", "more"),
        ("\"\"\"\"", "more"), ("nulll", "more"), ("-0-", "more"), ("1-", "more"), ("0x1", "more"), ("1a", "more"),
        ("1_000", "more"), ("1e5.5", "more"), ("1.5.5", "more"), ("0e1e1", "more"), ("1+1", "more"),
        // Numbers.
        ("01", "zeros"), ("-01", "zeros"), ("00", "zeros"), ("[012]", "zeros"),
        ("+1", "a value"), (".5", "a value"), ("-.5", "a digit"), ("1.e5", "a digit"), ("[1.]", "a digit"),
        ("--1", "a digit"), ("-a", "a digit"), ("[-]", "a digit"), ("1.-5", "a digit"), ("1e 5", "a digit"),
        ("[1e]", "a digit"), ("[1e+]", "a digit"), ("1e+-5", "a digit"), ("- 1", "a digit"), ("1ee5", "a digit"),
        ("-Infinity", "a digit"), ("NaN", "a value"), ("Infinity", "a value"), ("-NaN", "a digit"),
        ("\u{FF11}", "byte"),
        // Literals.
        ("True", "a value"), ("TRUE", "a value"), ("trUe", "true, false"), ("[nul]", "true, false"),
        ("[fals,1]", "true, false"), ("[true1]", "comma"), ("undefined", "a value"), ("nan", "true, false"),
        // Strings.
        ("'a'", "a value"), ("\"\t\"", "control"), ("\"\n\"", "control"), ("\"\u{1F}\"", "control"),
        ("\"a longer text before the line\nbreak\"", "control"), (#""\a""#, "escape"), (#""\'""#, "escape"),
        (#""\x41""#, "escape"), (#""\U0041""#, "escape"), (#""\0""#, "escape"), ("\"\\\n\"", "escape"),
        (#""\é""#, "escape"), (#""\u""#, "hexadecimal"), (#""\u12""#, "hexadecimal"), (#""\u123""#, "hexadecimal"),
        (#""\u12g4""#, "hexadecimal"), (#""\u+123""#, "hexadecimal"), (#""\u 123""#, "hexadecimal"),
        (#""\ud83d\u""#, "hexadecimal"), (#""\"#, "too early"), ("a", "a value"), ("[a]", "a value"),
        // Comments and foreign whitespace.
        ("/**/1", "a value"), ("1//", "more"), ("[1/**/]", "comma"), ("# a\n1", "a value"), ("[\u{B}1]", "a value"),
        ("\u{C}[]", "a value"), ("[]\u{C}", "more"), ("[\u{A0}]", "a value"), ("[1\u{2028}]", "comma"),
        ("\\u005B]", "a value"),
    ]

    static func quoted(_ inner: [UInt8]) -> [UInt8] { [0x22] + inner + [0x22] }

    static func nested(_ depth: Int) -> [UInt8] {
        [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
}

extension Collection {
    /// The same elements again and again.
    func cycled(_ times: Int) -> [Element] { (0..<times).flatMap { _ in Array(self) } }
}
