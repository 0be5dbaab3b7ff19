{
  # node-gyp and prebuildify drive the same CMake build as "npm run build:native".
  "targets": [
    {
      "target_name": "reprise",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["CMakeLists.txt", "scripts/build.mjs", "scripts/target.mjs"],
          "outputs": ["<(PRODUCT_DIR)/reprise.node"],
          "action": ["node", "scripts/build.mjs", "<(PRODUCT_DIR)", "--arch=<(target_arch)"]
        }
      ]
    }
  ]
}
