/// The documents of this folder, embedded into the binary so that a single file can be deployed.
public enum ProtocolDocuments {
    /// The export façade, OpenAPI 3.1 with `x-facade` and `x-rpc`.
    public static let exportFacade = PackageResources.export_yaml
    /// The export service's methods, OpenRPC 1.3.
    public static let exportMethods = PackageResources.export_json
    /// The scraper's façade.
    public static let scrapeFacade = PackageResources.scrape_yaml
    /// The scraper's methods.
    public static let scrapeMethods = PackageResources.scrape_json
    /// The demo service's methods, OpenRPC 1.3.
    public static let demoMethods = PackageResources.demo_json
}
