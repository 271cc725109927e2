import Testing

@testable import ServiceRuntime

private let services = SettingFamily(
    "services", .list(of: "host:port"), default: [], besides: ["export": ["127.0.0.1:7101"]], "Where it answers.")
private let origins = SettingFamily(
    "facades", word: "allowedOrigins", .list(of: "origins"), default: [], "Who may post.")
private let rate = SettingFamily("facades", word: "rateMax", .integer(1...100), default: 10, "Requests a second.")
private let ownRate = SettingFamily("facades", word: "ownRateMax", .integer(1...100), default: 20, "Its own requests.")
private let families: [any AnySettingFamily] = [services, origins, rate, ownRate]

struct SettingFamilyTests {
    @Test func everyNameHasASettingOfItsOwn() async throws {
        let file = try TemporaryYAML("services:\n  shop: [a:1, b:2]\nfacades:\n  my-shop:\n    rateMax: 5\n")
        let settings = try await settings(file.path, ["PAILOU_FACADES_MY_SHOP_ALLOWED_ORIGINS": "https://a"])
        #expect(settings[services["shop"]] == ["a:1", "b:2"])
        #expect(settings[services["export"]] == ["127.0.0.1:7101"])
        #expect(settings[rate["my-shop"]] == 5)
        #expect(settings[rate["other"]] == 10)
        #expect(settings[origins["my-shop"]] == ["https://a"])
        #expect(settings.names(of: services) == ["export", "shop"])
        #expect(settings.names(of: origins) == ["my-shop"])
    }

    @Test func aNameMayStandInTheEnvironmentAlone() async throws {
        let settings = try await settings(nil, ["PAILOU_SERVICES_MY_SHOP": "a:1"])
        #expect(settings.names(of: services) == ["export", "my-shop"])
        #expect(settings[services["my-shop"]] == ["a:1"])
        #expect(settings.text(of: services["my-shop"]).source == .environment(name: "PAILOU_SERVICES_MY_SHOP"))
    }

    @Test func aWordThatEndsLikeAnotherIsTakenAsAWhole() async throws {
        let settings = try await settings(nil, ["PAILOU_FACADES_SHOP_OWN_RATE_MAX": "5"])
        #expect(settings.names(of: ownRate) == ["shop"] && settings[ownRate["shop"]] == 5)
        #expect(settings.names(of: rate).isEmpty)
    }

    @Test func anOptionOfTheCommandLineWins() async throws {
        let settings = try await Settings(
            table: [], families: families, filePath: nil, environment: ["PAILOU_SERVICES_EXPORT": "a:1"],
            options: [Settings.Option("services.export", "b:2", as: "--service export")])
        #expect(settings[services["export"]] == ["b:2"])
        #expect(settings.text(of: services["export"]).source == .option("--service export"))
    }

    @Test(arguments: ["facades:\n  a:\n    rate: 5\n", "facades:\n  rateMax: 5\n", "services:\n  a:\n    b: c:1\n"])
    func aMisspeltKeyOfAFamilyIsRefused(text: String) async throws {
        let file = try TemporaryYAML(text)
        let error = await #expect(throws: SettingsError.self) { try await settings(file.path, [:]) }
        #expect(error?.description.contains("there is no setting") == true)
    }

    @Test func aMisspeltVariableOfAFamilyIsRefused() async throws {
        let error = await #expect(throws: SettingsError.self) {
            try await settings(nil, ["PAILOU_FACADES_SHOP_RATE": "5"])
        }
        #expect(error?.description.contains("PAILOU_FACADES_SHOP_RATE: there is no such setting") == true)
    }

    @Test(arguments: [
        ("PAILOU_EXPORT_RETENTON", "; the closest is PAILOU_EXPORT_RETENTION;"),
        ("PAILOU_EXPORTRETENTION", "; the closest is PAILOU_EXPORT_RETENTION;"),
        ("PAILOU_FACADES_SHOP_RATEMAX", "; the closest is PAILOU_FACADES_NAME_RATE_MAX;"), ("PAILOU_X", "setting;"),
    ])
    func aMisspeltVariableIsRefusedWithTheClosest(name: String, hint: String) async throws {
        let retention = Setting("export.retention", .integer(1...9), default: 1, "How long.")
        func settings(_ environment: [String: String]) async throws -> Settings {
            try await Settings(table: [retention], families: families, filePath: nil, environment: environment)
        }
        let error = await #expect(throws: SettingsError.self) { try await settings([name: "1"]) }
        #expect(error?.description.contains("\(name): there is no such setting") == true)
        #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
        // Nobody else's variables are judged, nor empty ones.
        _ = try await settings(["PAILOUX": "1", name: "", "PAILOU_EXPORT_RETENTION": "2", "PATH": "x"])
    }

    @Test func aBadValueOfAFamilyIsToldWithItsPlace() async throws {
        let file = try TemporaryYAML("facades:\n  shop:\n    rateMax: 1000\n")
        let error = await #expect(throws: SettingsError.self) { try await settings(file.path, [:]) }
        #expect(
            error?.description
                == "\(file.path):3: facades.shop.rateMax is \"1000\"; expected an integer from 1 to 100")
    }

    @Test func aNameNobodyGoesByIsRefused() async throws {
        let file = try TemporaryYAML("facades:\n  shop: {rateMax: 5}\n")
        let settings = try await settings(file.path, [:])
        try settings.refuseNames(of: [origins, rate], besides: ["shop"], what: "façade")
        let error = #expect(throws: SettingsError.self) {
            try settings.refuseNames(of: [origins, rate], besides: ["export", "admin"], what: "façade")
        }
        #expect(
            error?.description
                == "\(file.path):2: facades.shop.rateMax: there is no façade shop; expected one of admin, export")
    }

    private func settings(_ path: String?, _ environment: [String: String]) async throws(SettingsError) -> Settings {
        try await Settings(table: [], families: families, filePath: path, environment: environment)
    }
}
