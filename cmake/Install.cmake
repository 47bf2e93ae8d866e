# `cmake --install` puts the binary, themes, redis.conf and docs in their usual places.
# The themes are within the binary; their files are there to be copied and changed.
install(TARGETS redai-console RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY themes/ DESTINATION ${CMAKE_INSTALL_DATADIR}/redai-console/themes FILES_MATCHING PATTERN "*.theme")
install(FILES redis.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/redai-console)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
